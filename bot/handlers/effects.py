"""What an event leads to outside its conversation: rows that are acted on after the commit."""

from collections.abc import Set as AbstractSet

from bot.handlers import outgoing
from bot.handlers.cards import refresh
from bot.handlers.work import Work
from engine.running.engine import Engine
from engine.screen import Reply
from storage.dialogs import timers


def apply_effects(engine: Engine, work: Work, reply: Reply, drawn: AbstractSet[tuple[int, int]] = frozenset()) -> None:
    """Store the notifications and the deadlines of a reply, and redraw the cards of the subjects that changed.

    Cards already `drawn`, as (chat, message), are left as they are.
    """
    for notification in reply.notifications:
        outgoing.send_notification(work, notification.recipient, notification.screen)
    for armed in reply.deadlines:
        ref = armed.subject
        timers.arm(work.tx, ref.kind, ref.id, armed.state, armed.due, fresh=armed.fresh)
    for ref in reply.changed:
        refresh(engine, work, ref, drawn)
