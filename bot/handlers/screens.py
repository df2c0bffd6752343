"""Conversions of the engine's screens to what is stored of them and sent to Telegram."""

from typing import Any

from engine.events import SubjectRef
from engine.screen import Screen
from storage.models.constants import LinkShape
from storage.outbox.links import Link


def as_data(screen: Screen) -> dict[str, Any]:
    """Return a screen as the plain data that is stored with its conversation."""
    return {
        "name": screen.name,
        "text": screen.text,
        "rows": [[[button.text, button.data] for button in row] for row in screen.rows],
        "about": [screen.subject.kind, screen.subject.id] if screen.subject else None,
        "card": screen.card,
        "mark": screen.version,
    }


def readable(screen: Any) -> dict[str, Any] | None:
    """Return a stored screen that `as_data` wrote, in this version or in another, and None for anything else.

    One whose `v` is not 1 is nothing we know: its keys may have another meaning.
    """
    match screen:
        case {"name": str(), "text": str(), "rows": list(rows), "about": None | [str(), int()]} if (
            screen.get("v", 1) == 1
        ):
            buttons = [button for row in rows if isinstance(row, list) for button in row]
            fits = all(isinstance(row, list) for row in rows) and all(map(_is_button, buttons))
            return {"card": False, "mark": "", **screen} if fits else None
    return None


def _is_button(button: Any) -> bool:
    match button:
        case [str(), str()]:
            return True
    return False


def message_of(screen: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of sendMessage and editMessageText for a stored screen."""
    return {
        "text": screen["text"],
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": keyboard(screen["rows"]),
    }


def keyboard(rows: list[list[list[str]]]) -> dict[str, Any]:
    """Return stored rows as an inline keyboard; one without rows removes the buttons of a message."""
    return {"inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row] for row in rows]}


def link_of(screen: dict[str, Any], user_id: int, *, opened: bool = False) -> Link | None:
    """Return the link to record for the message of a stored screen, None where it is about no subject.

    A card that is `opened` is the screen of a dialog, any other is a live card of its own.
    """
    if screen["about"] is None:
        return None
    kind, subject_id = screen["about"]
    shape = LinkShape.NOTICE
    if screen["card"]:
        shape = LinkShape.SCREEN if opened else LinkShape.CARD
    return Link(shape, screen["name"], kind, subject_id, user_id)


def is_card(link: Link) -> bool:
    """Return whether the message shows a subject's card, and is edited when it changes."""
    return link.shape in {LinkShape.CARD, LinkShape.SCREEN}


def subject_of(link: Link) -> SubjectRef | None:
    """Return the subject that a linked message is about."""
    if link.subject_kind is None or link.subject_id is None:
        return None
    return SubjectRef(link.subject_kind, link.subject_id)
