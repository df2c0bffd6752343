"""What Telegram knows: people, chats and the messages in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.emulator.errors import bad_request, forbidden, migrated
from engine.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.emulator.files import Media
    from bot.emulator.keyboards import Keyboard


NO_TEXT = Markup("")


@dataclass(slots=True)
class User:
    """A person or a bot; ids take up to 52 bits."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    is_bot: bool = False
    language: str = "ru"

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Message:
    """One message as it stands now; `body` is its text or its caption."""

    id: int
    chat: Chat
    sender: User | None
    date: int
    body: Markup = NO_TEXT
    media: Media | None = None
    keyboard: Keyboard = ()
    reply_to: Message | None = None
    thread_id: int | None = None
    album: str | None = None
    edited: int | None = None
    deleted: bool = False

    def content(self) -> tuple[Markup, str, Keyboard]:
        """What an edit has to change, or Telegram refuses it as \"not modified\": text, file, buttons."""
        return self.body, self.media.file.unique_id if self.media else "", self.keyboard


@dataclass(slots=True)
class Chat:
    """A private chat, group, supergroup or channel; message ids count from 1 in each."""

    id: int
    kind: str
    title: str = ""
    user: User | None = None
    members: dict[int, User] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: dict[int, Message] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    kicked: bool = False
    migrated_to: int | None = None
    last_id: int = 0

    def next_id(self) -> int:
        """The id of the next message."""
        self.last_id += 1
        return self.last_id

    def check_access(self) -> None:
        """Check that the bot may write here; raises `ApiError` 403, or 400 once the chat has another id."""
        if self.migrated_to is not None:
            raise migrated(self.migrated_to)
        if self.kicked:
            raise forbidden(f"bot was kicked from the {self.kind} chat")
        if self.blocked:
            raise forbidden("bot was blocked by the user")
        if self.kind == "private" and not self.started:
            raise forbidden("bot can't initiate conversation with a user")

    def delete(self, message: Message) -> None:
        """Delete a message; it is kept aside, because a press that was on its way still refers to it."""
        message.deleted = True
        self.deleted[message.id] = self.messages.pop(message.id)

    def message(self, message_id: int, missing: str) -> Message:
        """A message of this chat; raises `ApiError` 400, with this description, when there is none."""
        found = self.messages.get(message_id)
        if found is None:
            raise bad_request(missing)
        return found


def group_chat(id: int, title: str, members: Iterable[User], topics: Collection[int] = ()) -> Chat:  # noqa: A002 -- Telegram's word
    """A group with these people in it; a supergroup when the id starts with -100 or it has topics."""
    kind = "supergroup" if topics or str(id).startswith("-100") else "group"
    return Chat(id, kind, title, members={user.id: user for user in members}, topics=set(topics))


class Chats:
    """All chats by id."""

    def __init__(self) -> None:
        self._chats: dict[int, Chat] = {}

    def add(self, chat: Chat) -> Chat:
        """Register a chat; raises `ValueError` when its id is taken."""
        if chat.id in self._chats:
            raise ValueError(f"there is a chat {chat.id} already")
        self._chats[chat.id] = chat
        return chat

    def get(self, chat_id: int) -> Chat:
        """A chat by id; raises `KeyError` when there is none."""
        return self._chats[chat_id]

    def groups(self) -> list[Chat]:
        """The groups and supergroups."""
        return [chat for chat in self._chats.values() if chat.kind in {"group", "supergroup"}]

    def for_bot(self, chat_id: int | str | None) -> Chat:
        """The chat that a bot addresses; raises `ApiError` 400 when there is none."""
        if chat_id is None or chat_id == "":
            raise bad_request("chat_id is empty")
        chat = self._chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad_request("chat not found")
        return chat
