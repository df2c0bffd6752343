"""What a unit of work leaves in the outbox: notices, notes, cards drawn anew, files sent again."""

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
    """Send a notice to a person's private chat; a card that still waits there is replaced by the newer one.

    Whoever has blocked the bot is told nothing until they come back.
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
    """Send a live card anew whose message is gone: `row` is the edit of it."""
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
    """Put words in the place of a card that is a live one no more; a reply to them is one to the card."""
    call = {"text": text, "parse_mode": "HTML", "reply_markup": {"inline_keyboard": []}}
    _edit(work, chat_id, message_id, "editMessageText", call)


def redraw(work: Work, chat_id: int, message_id: int, screen: Screen | None, link: Link | None) -> None:
    """Edit a card, remembered as `link`; where the viewer may no longer see it, take its buttons away."""
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
    """Return the name of the line's place that belongs to a subject's card on its way into a chat."""
    return f"new:{kind}:{subject_id}"


def card_key(message_id: int) -> str:
    """Return the name of the line's place that belongs to one card of a chat."""
    return f"card:{message_id}"


def note(work: Work, key: ConversationKey, text: str, replied_id: int) -> None:
    """Answer a message with a few plain words that leave the screen as it is."""
    reply = {"message_id": replied_id, "allow_sending_without_reply": True}
    call = {"text": text, "reply_parameters": reply}
    messages.put(work.tx, Outgoing(work.bot_id, key.chat_id, "sendMessage", {"call": call}, thread_id=key.thread_id))


def send_files(work: Work, key: ConversationKey, files: Sequence[File], caption: str) -> None:
    """Send files again, as albums where there are several of a kind; the caption stands under the first."""
    for method, call in _calls(files, caption):
        messages.put(work.tx, Outgoing(work.bot_id, key.chat_id, method, {"call": call}, thread_id=key.thread_id))


def _calls(files: Sequence[File], caption: str) -> Iterator[tuple[str, dict[str, Any]]]:
    words: dict[str, Any] = {"caption": caption, "parse_mode": "HTML"} if caption else {}
    for kind, group in groupby(sorted(files, key=lambda file: file.kind != "photo"), key=lambda file: file.kind):
        items = list(group)
        for start in range(0, len(items), ALBUM):
            pieces = items[start : start + ALBUM]
            if len(pieces) == 1:
                yield ("sendPhoto" if kind == "photo" else "sendDocument"), {kind: pieces[0].ref, **words}
            else:
                media = [{"type": kind, "media": piece.ref} for piece in pieces]
                yield "sendMediaGroup", {"media": [{**media[0], **words}, *media[1:]]}
            words = {}
