"""A directory that an emulator's chats are kept in, so that a restart finds them as they were.

Without it a bot with a lasting database would meet a Telegram that has forgotten everything and counts its
updates and messages from the start again. `state.json` holds people, chats and messages, `files/` the bytes.
The log for transcripts, the journal and unanswered presses are not kept.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.emulator.chats import Chat, Message, User
from bot.emulator.keyboards import Button, Keyboard
from engine.markup import Entity, Markup

if TYPE_CHECKING:
    from pathlib import Path

    from bot.emulator.chat_log import ChatEvent
    from bot.emulator.chat_views import Group
    from bot.emulator.telegram import Emulator


class ChatStore:
    """The directory of one emulator; it is read at once and written after every event."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.emulator = emulator
        self.state = directory / "state.json"
        self.files = directory / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._scheduled: asyncio.Handle | None = None
        if self.state.exists():
            self._load(json.loads(self.state.read_text("utf-8")))
        self._stop = emulator.chat_log.listen(self._on_event)

    def save(self) -> None:
        """Write everything now."""
        self._scheduled = None
        for number, media in self.emulator.files.media.items():
            path = self.files / f"{number}.bin"
            if not path.exists():
                path.write_bytes(media.file.content)
        fresh = self.state.with_suffix(".new")
        fresh.write_text(json.dumps(_dump(self.emulator), ensure_ascii=False), "utf-8")
        fresh.replace(self.state)

    def close(self) -> None:
        """Write everything, for the last time."""
        self._stop()
        if self._scheduled:
            self._scheduled.cancel()
        self.save()

    def _on_event(self, _: ChatEvent) -> None:
        """Save in the next round of the loop, when the update that goes with the event is queued too.

        Without a running loop `close` is what saves.
        """
        with suppress(RuntimeError):
            self._scheduled = self._scheduled or asyncio.get_running_loop().call_soon(self.save)

    def _load(self, state: dict[str, Any]) -> None:
        emulator = self.emulator
        emulator.set_bot_id(state["bot"])
        for entry in state["media"]:
            content = (self.files / f"{entry['number']}.bin").read_bytes()
            if entry["kind"] == "photo":
                emulator.files.photo(content, entry["size"])
            else:
                emulator.files.other(entry["kind"], content, entry["name"], entry["size"])
        for person in state["people"]:
            emulator.person(**person)
        for group in state["groups"]:
            members = [emulator.people[member] for member in group.pop("members")]
            topics = tuple(group.pop("topics"))
            emulator.group(**group, members=members, topics=topics)
        for chat in state["chats"]:
            _load_chat(emulator, chat)
        emulator.updates.pending = state["pending"]
        emulator.updates.next_id = state["next_update"]
        emulator.callback_queries.last_id = state["last_press"]
        emulator.last_album = state["last_album"]


def _dump(emulator: Emulator) -> dict[str, Any]:
    chats = [*emulator.people.values(), *emulator.groups.values()]
    return {
        "bot": emulator.bot.id,
        "media": [
            {"number": media.number, "kind": media.kind, "name": media.name, "size": media.file.size}
            for media in emulator.files.media.values()
        ],
        "people": [_dump_user(person.user) | {"about": person.about} for person in emulator.people.values()],
        "groups": [_dump_group(group) for group in emulator.groups.values()],
        "chats": [_dump_chat(one.chat) for one in chats],
        "pending": emulator.updates.pending,
        "next_update": emulator.updates.next_id,
        "last_press": emulator.callback_queries.last_id,
        "last_album": emulator.last_album,
    }


def _dump_user(user: User) -> dict[str, Any]:
    names = ("id", "first_name", "last_name", "username")
    return {name: getattr(user, name) for name in names}


def _dump_group(group: Group) -> dict[str, Any]:
    chat = group.chat
    members, topics = sorted(chat.members), sorted(chat.topics)
    return {"id": chat.id, "title": chat.title, "members": members, "topics": topics}


_FLAGS = ("started", "blocked", "kicked", "migrated_to", "last_id")


def _dump_chat(chat: Chat) -> dict[str, Any]:
    flags = {name: getattr(chat, name) for name in _FLAGS}
    return {"id": chat.id, "messages": [_dump_message(one) for one in chat.messages.values()]} | flags


def _load_chat(emulator: Emulator, source: dict[str, Any]) -> None:
    chat = emulator.chats.get(source["id"])
    for name in _FLAGS:
        setattr(chat, name, source[name])
    for message in source["messages"]:
        chat.messages[message["id"]] = _load_message(emulator, chat, message)


_FIELDS = ("id", "date", "thread_id", "album", "edited")


def _dump_message(message: Message) -> dict[str, Any]:
    entities = [[one.type, one.offset, one.length, one.argument] for one in message.body.entities]
    rows = [[[button.text, button.data, button.url] for button in row] for row in message.keyboard]
    return {name: getattr(message, name) for name in _FIELDS} | {
        "sender": message.sender.id if message.sender else None,
        "text": message.body.text,
        "entities": entities,
        "rows": rows,
        "media": message.media.number if message.media else None,
        "reply_to": message.reply_to.id if message.reply_to else None,
    }


def _load_message(emulator: Emulator, chat: Chat, source: dict[str, Any]) -> Message:
    body = Markup(source["text"], tuple(Entity(*entity) for entity in source["entities"]))
    rows: Keyboard = tuple(tuple(Button(*button) for button in row) for row in source["rows"])
    return Message(
        chat=chat,
        sender=_sender(emulator, source["sender"]),
        body=body,
        keyboard=rows,
        media=emulator.files.media.get(source["media"]),
        reply_to=chat.messages.get(source["reply_to"]),
        **{name: source[name] for name in _FIELDS},
    )


def _sender(emulator: Emulator, user_id: int | None) -> User | None:
    if user_id == emulator.bot.id:
        return emulator.bot
    person = emulator.people.get(user_id or 0)
    return person.user if person else None
