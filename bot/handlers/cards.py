"""Live cards: every message that shows a subject is edited when it changes, in every chat."""

from collections.abc import Set as AbstractSet
from typing import Any

from bot.handlers import outgoing
from bot.handlers.screens import is_card, subject_of
from bot.handlers.work import Work
from engine.events import SubjectRef
from engine.running.engine import Engine
from storage.dialogs.conversations import ConversationKey
from storage.models.constants import LinkShape
from storage.outbox import links
from storage.outbox.links import Link
from storage.outbox.screens import Receipt
from storage.records import users


def refresh(engine: Engine, work: Work, ref: SubjectRef, drawn: AbstractSet[tuple[int, int]]) -> None:
    """Redraw every card of a subject, except those already `drawn`: (chat, message)."""
    cards = [
        card
        for card in links.cards_of(work.tx, work.bot_id, ref.kind, ref.id)
        if card.viewer and (card.chat_id, card.message_id) not in drawn
    ]
    viewers = [(card.viewer, card.link.shape == LinkShape.SCREEN) for card in cards if card.viewer]
    for card, screen in zip(cards, engine.cards(ref, viewers, work, work.tx.now), strict=True):
        outgoing.redraw(work, card.chat_id, card.message_id, screen, card.link)


def lock_subject(engine: Engine, work: Work, link: Link | None) -> Any:
    """Lock the subject that a card shows and return it, None where the message is no card.

    To be called before the card is recorded. A transaction that changes the subject at the same time either commits
    before the lock, and `catch_up` sees the change, or waits for it, and finds the card to redraw.
    """
    ref = subject_of(link) if link and is_card(link) else None
    return engine.flows.hooks.subjects[ref.kind].load(work, ref.id, lock=True) if ref else None


def remember(engine: Engine, work: Work, key: ConversationKey, receipt: Receipt) -> None:
    """Record which subject the message that shows a screen is about, and redraw it if that has changed since."""
    if receipt.link and receipt.message_id:
        subject = lock_subject(engine, work, receipt.link)
        links.put(work.tx, key.bot_id, key.chat_id, receipt.message_id, receipt.link)
        catch_up(engine, work, key.chat_id, receipt.message_id, receipt.link, subject, receipt.version)


def replace_others(engine: Engine, work: Work, chat_id: int, message_id: int, link: Link) -> None:
    """Deactivate older live cards of the same subject in a chat: they say that there is a newer one."""
    if link.shape == LinkShape.CARD:
        for older in links.deactivate_others(work.tx, work.bot_id, chat_id, message_id, link):
            outgoing.deactivate(work, chat_id, older, engine.flows.phrases["older"].render({}))


def catch_up(engine: Engine, work: Work, chat_id: int, message_id: int, link: Link, subject: Any, version: str) -> None:
    """Redraw a card that was just sent if its subject, locked by `lock_subject`, changed while it was on its way."""
    if subject is None or subject.version == version:
        return
    ref = subject_of(link)
    viewer = users.get(work.tx, link.user_id) if link.user_id is not None else None
    if ref and viewer:
        (screen,) = engine.cards(ref, [(viewer, link.shape == LinkShape.SCREEN)], work, work.tx.now)
        outgoing.redraw(work, chat_id, message_id, screen, link)
