"""What a unit of work puts into the outbox: notifications, notes, redrawn cards, files."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.handlers.screens import as_data, link_of, message_of
from bot.handlers.work import Work
from engine.events import File
from engine.screen import Screen
from storage.dialogs.conversations import ConversationKey
from storage.outbox import messages
from storage.outbox.links import Link
from storage.outbox.messages import Outgoing
from storage.outbox.queue import OutboxRow
from storage.records.users import Person

ALBUM = 10
"""Items of an album at most, by the Bot API."""


def send_notification(work: Work, person: Person, screen: Screen) -> None:
    """Send a notification to a person's private chat; a card that still waits there is replaced by the newer one.

    People who have blocked the bot are sent nothing until they come back.
    """
    if person.unreachable:
        return
    data = as_data(screen)
    subject = screen.subject
    messages.put(
        work.tx,
        Outgoing(
            bot_id=work.bot_id,
            chat_id=person.telegram_id,
            method="sendMessage",
            payload={"call": message_of(data), "mark": screen.version},
            link=link_of(data, person.id),
            dedupe_key=new_key(subject.kind, subject.id) if screen.card and subject else None,
        ),
    )


def send_card(work: Work, row: OutboxRow) -> None:
    """Send a live card again whose message is gone; `row` is the edit that failed."""
    link = row.link
    call = {name: value for name, value in row.payload["call"].items() if name != "message_id"}
    messages.put(
        work.tx,
        Outgoing(
            bot_id=work.bot_id,
            chat_id=row.chat_id,
            method="sendMessage",
            payload={**row.payload, "call": call},
            thread_id=row.thread_id,
            link=link,
            dedupe_key=new_key(link.subject_kind, link.subject_id) if link else None,
        ),
    )


def deactivate(work: Work, chat_id: int, message_id: int, text: str) -> None:
    """Replace a card that is no longer live by a text; a reply to it still counts as one to the card."""
    call = {"text": text, "parse_mode": "HTML", "reply_markup": {"inline_keyboard": []}}
    _edit(work, chat_id, message_id, "editMessageText", call)


def redraw(work: Work, chat_id: int, message_id: int, screen: Screen | None, link: Link | None) -> None:
    """Edit a card, recorded as `link`; where the viewer may no longer see it, remove its buttons."""
    if screen:
        _edit(work, chat_id, message_id, "editMessageText", message_of(as_data(screen)), screen.version, link)
    else:
        _edit(work, chat_id, message_id, "editMessageReplyMarkup", {"reply_markup": {"inline_keyboard": []}})


def _edit(
    work: Work,
    chat_id: int,
    message_id: int,
    method: str,
    call: dict[str, Any],
    version: str = "",
    link: Link | None = None,
) -> None:
    messages.put(
        work.tx,
        Outgoing(
            bot_id=work.bot_id,
            chat_id=chat_id,
            method=method,
            payload={"call": {**call, "message_id": message_id}, "mark": version},
            link=link,
            dedupe_key=card_key(message_id),
            cancel_key=f"{chat_id}:{card_key(message_id)}",
        ),
    )


def new_key(kind: str | None, subject_id: int | None) -> str:
    """Return the deduplication key of a subject's card that is to be sent to a chat: a newer one replaces it."""
    return f"new:{kind}:{subject_id}"


def card_key(message_id: int) -> str:
    """Return the deduplication key of edits of a card in a chat: a newer edit replaces one that still waits."""
    return f"card:{message_id}"


def note(work: Work, key: ConversationKey, text: str, replied_id: int) -> None:
    """Reply to a message with a plain text; the screen stays as it is."""
    reply = {"message_id": replied_id, "allow_sending_without_reply": True}
    call = {"text": text, "reply_parameters": reply}
    messages.put(work.tx, Outgoing(work.bot_id, key.chat_id, "sendMessage", {"call": call}, thread_id=key.thread_id))


def send_files(work: Work, key: ConversationKey, files: Sequence[File], caption: str) -> None:
    """Send files, as albums where there are several of a kind, with the caption under the first."""
    for method, call in _calls(files, caption):
        messages.put(work.tx, Outgoing(work.bot_id, key.chat_id, method, {"call": call}, thread_id=key.thread_id))


def _calls(files: Sequence[File], caption: str) -> Iterator[tuple[str, dict[str, Any]]]:
    first: dict[str, Any] = {"caption": caption, "parse_mode": "HTML"} if caption else {}
    for kind, group in groupby(sorted(files, key=lambda file: file.kind != "photo"), key=lambda file: file.kind):
        items = list(group)
        for start in range(0, len(items), ALBUM):
            pieces = items[start : start + ALBUM]
            if len(pieces) == 1:
                yield ("sendPhoto" if kind == "photo" else "sendDocument"), {kind: pieces[0].ref, **first}
            else:
                media = [{"type": kind, "media": piece.ref} for piece in pieces]
                yield "sendMediaGroup", {"media": [{**media[0], **first}, *media[1:]]}
            first = {}
