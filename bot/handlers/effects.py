"""What an event leads to outside the conversation it came from, as rows that others act on after the commit."""

from collections.abc import Set as AbstractSet

from bot.handlers import outgoing
from bot.handlers.cards import refresh
from bot.handlers.work import Work
from engine.running.engine import Engine
from engine.screen import Reply
from storage.dialogs import timers


def apply_effects(engine: Engine, work: Work, reply: Reply, drawn: AbstractSet[tuple[int, int]] = frozenset()) -> None:
    """Store the notices and the deadlines of a reply, and draw the cards of what changed anew.

    Cards already `drawn` are left: (chat, message).
    """
    for notification in reply.notifications:
        outgoing.send_notification(work, notification.recipient, notification.screen)
    for begun in reply.deadlines:
        ref = begun.subject
        timers.arm(work.tx, ref.kind, ref.id, begun.state, begun.due, fresh=begun.fresh)
    for ref in reply.changed:
        refresh(engine, work, ref, drawn)
