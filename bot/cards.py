"""Live cards: every message that shows a subject follows its changes, in every chat."""

from bot import outgoing
from bot.screens import is_card, subject_of
from bot.work import Work
from engine.engine import Engine
from engine.events import SubjectRef
from storage import links, users
from storage.links import Link
from storage.models.constants import LinkShape


def refresh(engine: Engine, work: Work, ref: SubjectRef, drawn: set[tuple[int, int]]) -> None:
    """Draw every card of a subject anew but those already `drawn`: (chat, message)."""
    for card in links.cards_of(work.tx, work.bot_id, ref.kind, ref.id):
        if card.viewer and (card.chat_id, card.message_id) not in drawn:
            opened = card.link.shape == LinkShape.SCREEN
            screen = engine.card(ref, card.viewer, work, work.tx.now, opened=opened)
            outgoing.redraw(work, card.chat_id, card.message_id, screen, card.link)


def catch_up(engine: Engine, work: Work, chat_id: int, message_id: int, link: Link, mark: str) -> None:
    """Draw a card that was just sent anew where its subject changed while it was on its way."""
    ref = subject_of(link)
    if not is_card(link) or ref is None or link.user_id is None:
        return
    subject = engine.flows.hooks.subjects[ref.kind].load(work, ref.id, lock=False)
    viewer = users.get(work.tx, link.user_id)
    if subject is not None and viewer and subject.mark != mark:
        screen = engine.card(ref, viewer, work, work.tx.now, opened=link.shape == LinkShape.SCREEN)
        outgoing.redraw(work, chat_id, message_id, screen, link)
