"""What a person does, and what they see.

Everything here is immediate and synchronous; the bot learns of it through its updates. Each `verb` is at once a command
of the control API (`control`) and a coroutine function of those who act through one (`awaitable_verbs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import Base64Bytes, BaseModel, Field, PlainSerializer, PlainValidator

from bot.emulator import api_objects, texts
from bot.emulator.callback_queries import CallbackQuery
from bot.emulator.chat_log import ChatEventKind
from bot.emulator.chat_views import ChatView, Group
from bot.emulator.message_views import MessageView, view
from bot.emulator.pictures import make_picture
from bot.emulator.verbs import BY_ID, verb, verbs_of
from engine.markup import Markup, length

if TYPE_CHECKING:
    from bot.emulator.chats import Chat, Message, User
    from bot.emulator.files import Media
    from bot.emulator.keyboards import Button
    from bot.emulator.state import State


class NoSuchButton(LookupError):  # noqa: N818 -- reads as what a test says
    """There is no such button; the message names those there are."""


class _AlbumItem(BaseModel):
    """An item in JSON: a document when it has a name, else a photo, made up when it has no content."""

    name: str | None = None
    content: Base64Bytes | None = None


def _item_from_json(source: Any) -> bytes | tuple[str, bytes] | None:
    item = _AlbumItem.model_validate(source)
    return (item.name, item.content or b"") if item.name else item.content


def _item_to_json(item: bytes | tuple[str, bytes] | None) -> dict[str, Any]:
    name, content = item if isinstance(item, tuple) else (None, item)
    return _AlbumItem.model_construct(name=name, content=content).model_dump(mode="json")


Content = Base64Bytes | None
MessageRef = Annotated[MessageView | int, BY_ID]
"""A message as it was seen, or its id in the chat that is acted in."""
GroupRef = Annotated[Group | int, BY_ID]
AlbumItem = Annotated[bytes | tuple[str, bytes] | None, PlainValidator(_item_from_json), PlainSerializer(_item_to_json)]
"""A photo, (name, bytes) of a document, or None for a made-up photo."""
AlbumItems = Sequence[AlbumItem] | int
"""The items, or how many made-up photos."""


class Person(ChatView):
    """A person, and their private chat with the bot.

    `group` moves a verb to a group.
    """

    def __init__(self, state: State, user: User, chat: Chat, about: str = "") -> None:
        super().__init__(state, chat)
        self.user = user
        self.about = about

    @property
    def name(self) -> str:
        """The first name."""
        return self.user.first_name

    @verb("say")
    def say(
        self,
        text: str,
        reply_to: MessageRef | None = None,
        *,
        group: GroupRef | None = None,
        thread_id: int | None = None,
    ) -> MessageView:
        """Send a text, 1 to 4096 UTF-16 units as every client keeps them."""
        if not 1 <= length(text) <= texts.TEXT_LIMIT:
            raise ValueError("a client sends 1 to 4096 characters")
        return self._send(texts.typed(text), group, reply_to, thread_id=thread_id)

    @verb()
    def say_in(
        self, group: GroupRef, text: str, reply_to: MessageRef | None = None, thread_id: int | None = None
    ) -> MessageView:
        """Send a text in a group."""
        return self.say(text, reply_to, group=group, thread_id=thread_id)

    @verb("photo")
    def send_photo(
        self,
        content: Content = None,
        caption: str = "",
        reply_to: MessageRef | None = None,
        *,
        size: int | None = None,
        group: GroupRef | None = None,
    ) -> MessageView:
        """Send a photo, a made-up one without content; `size` in bytes overrules the content's length."""
        return self._send(texts.typed(caption), group, reply_to, media=self._photo(content, size))

    @verb("document")
    def send_document(
        self,
        name: str,
        content: Base64Bytes = b"%PDF-1.7\n",
        caption: str = "",
        reply_to: MessageRef | None = None,
        *,
        size: int | None = None,
        group: GroupRef | None = None,
    ) -> MessageView:
        """Send a file; `size` in bytes overrules the content's length."""
        media = self.state.files.other("document", content, name, size)
        return self._send(texts.typed(caption), group, reply_to, media=media)

    @verb("album")
    def send_album(
        self, items: AlbumItems = 2, caption: str = "", caption_on: int = 0, *, group: GroupRef | None = None
    ) -> tuple[MessageView, ...]:
        """Send 2 to 10 photos, or as many documents, as one album.

        Telegram brings an album as one update for each item, joined by nothing but a `media_group_id`: the bot cannot
        know how many are still to come. The caption is on one of them only, which need not be the first.
        """
        chosen = [None] * items if isinstance(items, int) else items
        if not 2 <= len(chosen) <= 10:
            raise ValueError("a client sends albums of 2 to 10")
        if len({isinstance(item, tuple) for item in chosen}) > 1:
            raise ValueError("a client sends photos and documents in albums of their own")
        album = self.state.next_album()
        return tuple(
            self._send(
                texts.typed(caption if index == caption_on else ""), group, media=self._album_item(item), album=album
            )
            for index, item in enumerate(chosen)
        )

    @verb("sticker")
    def send_sticker(self, *, group: GroupRef | None = None) -> MessageView:
        """Send a sticker."""
        return self._send(Markup(""), group, media=self.state.files.other("sticker", b"RIFF", "s.webp"))

    @verb("voice")
    def send_voice(self, *, group: GroupRef | None = None) -> MessageView:
        """Send a voice message of three seconds."""
        return self._send(Markup(""), group, media=self.state.files.other("voice", b"OggS", "v.oga"))

    @verb("edit")
    def edit(
        self,
        message: Annotated[MessageRef, Field(alias="message_id")],
        text: str,
        *,
        group: GroupRef | None = None,
    ) -> MessageView:
        """Change the text of an own message."""
        edited = self._find(message, group)
        if edited.sender is not self.user:
            raise ValueError("people edit their own messages only")
        before = view(edited)
        edited.body = texts.typed(text)
        edited.edited = int(self.state.clock())
        self.state.record(ChatEventKind.EDITED, edited.chat, message=view(edited), before=before)
        self.state.queue_update("edited_message", api_objects.message(edited))
        return view(edited)

    @verb("press")
    def press(
        self,
        label: str = "",
        message: Annotated[MessageRef | None, Field(alias="message_id")] = None,
        data: str | None = None,
        *,
        group: GroupRef | None = None,
    ) -> CallbackQuery:
        """Press a button: on this message, else on the newest that has one with these words, or with these words in it.

        With `data` a press as a tampered client may send it, whatever buttons the message has. Raises `NoSuchButton`.
        """
        if message is None:
            return self._press_newest(label, self._where(group).messages)
        seen = message if isinstance(message, MessageView) else view(self._find(message, group))
        return self.press_on(seen, label) if data is None else self.press_data(seen, data)

    @verb()
    def press_on(self, message: MessageView, label: str) -> CallbackQuery:
        """Press a button of a message as it was seen, though the bot may have changed it since.

        Raises `NoSuchButton`, also where several buttons would do and none has exactly these words.
        """
        buttons = [button for row in message.keyboard for button in row]
        exact = [button for button in buttons if button.text == label]
        found = exact or [button for button in buttons if label in button.text]
        if not exact and len(found) != 1:
            offered = ", ".join(button.text for button in buttons)
            raise NoSuchButton(f"no one button «{label}» on message {message.id}: {offered}")
        return self.press_button(message, found[0])

    def press_button(self, message: MessageView, button: Button) -> CallbackQuery:
        """Press this very button."""
        if button.url is not None:
            return self._open(message, button)
        return self.press_data(message, button.data or "", button.text)

    @verb()
    def press_data(self, message: MessageView, data: str, label: str = "") -> CallbackQuery:
        """Send a callback query with any data, as a tampered client may."""
        chat = self.state.chats.get(message.chat_id)
        # The bot may have deleted the message since it was seen: a press that is on its way arrives all the same.
        pressed = chat.messages.get(message.id) or chat.deleted[message.id]
        press = self.state.callback_queries.make(self.user, pressed, data, self.state.clock())
        self.state.record(ChatEventKind.PRESSED, chat, message=view(pressed), press=press, note=label or data)
        query = {
            "id": press.id,
            "from": api_objects.user(self.user),
            "message": api_objects.pressed_message(pressed),
            "chat_instance": str(chat.id * 31 + 7),
            "data": data,
        }
        self.state.queue_update("callback_query", query)
        return press

    @verb("open")
    def open(self, url: str) -> MessageView:
        """Follow a `t.me` link to the bot: its `start` parameter comes as a command."""
        payload = parse_qs(urlsplit(url).query).get("start", [""])[0]
        return self.say(f"/start {payload}".strip())

    @verb("block")
    def block(self, blocked: bool = True) -> bool:
        """Block the bot, so that its sends are refused with 403, or unblock it; return whether it is blocked now."""
        if blocked != self.chat.blocked:
            self._change_membership(*(("member", "kicked") if blocked else ("kicked", "member")))
        return blocked

    @verb()
    def unblock(self) -> None:
        """Allow the bot to write again."""
        self.block(False)

    def _press_newest(self, label: str, messages: Sequence[MessageView]) -> CallbackQuery:
        newest_first = messages[::-1]
        for message in newest_first:
            if label in message.labels:
                return self.press_on(message, label)
        for message in newest_first:
            if any(label in words for words in message.labels):
                return self.press_on(message, label)
        offered = [words for message in messages for words in message.labels]
        raise NoSuchButton(f"no button «{label}»; there are: {', '.join(offered) or 'none'}")

    def _change_membership(self, old: str, new: str) -> None:
        self.chat.blocked = new == "kicked"
        self.state.record(ChatEventKind.CHANGED, self.chat, note="blocked" if self.chat.blocked else "unblocked")
        change = {
            "chat": api_objects.chat(self.chat),
            "from": api_objects.user(self.user),
            "date": int(self.state.clock()),
        }
        for name, status in (("old_chat_member", old), ("new_chat_member", new)):
            member: dict[str, Any] = {"status": status, "user": api_objects.user(self.state.bot)}
            change[name] = member | ({"until_date": 0} if status == "kicked" else {})
        self.state.queue_update("my_chat_member", change)

    def _open(self, message: MessageView, button: Button) -> CallbackQuery:
        link = button.url or ""
        chat = self.state.chats.get(message.chat_id)
        press = CallbackQuery("", self.user, chat.messages[message.id], "", self.state.clock(), True, url=link)
        self.state.record(ChatEventKind.PRESSED, chat, message=message, press=press, note=button.text)
        if urlsplit(link).path.strip("/") == self.state.bot.username:
            self.open(link)
        return press

    def _send(
        self, body: Markup, group: GroupRef | None, reply_to: MessageRef | None = None, **fields: Any
    ) -> MessageView:
        where = self._where(group)
        if where is self and self.chat.blocked:
            raise RuntimeError(f"{self.name} has blocked the bot")
        self.chat.started = self.chat.started or where is self
        replied = None if reply_to is None else self._find(reply_to, group)
        return where.receive(self.user, "message", body, reply_to=replied, **fields)

    def _where(self, group: GroupRef | None) -> ChatView:
        if not isinstance(group, int):
            return group or self
        chat = next((chat for chat in self.state.chats.groups() if chat.id == group), None)
        if chat is None:
            raise LookupError(f"there is no group {group}")
        return Group(self.state, chat)

    def _find(self, message: MessageRef, group: GroupRef | None) -> Message:
        if isinstance(message, int):
            chat, message_id = self._where(group).chat, message
        else:
            chat, message_id = self.state.chats.get(message.chat_id), message.id
        if message_id not in chat.messages:
            raise LookupError(f"there is no message {message_id}")
        return chat.messages[message_id]

    def _photo(self, content: bytes | None, size: int | None = None) -> Media:
        return self.state.files.photo(content or make_picture(self.chat.last_id, 1280, 960), size)

    def _album_item(self, item: AlbumItem) -> Media:
        if isinstance(item, tuple):
            name, content = item
            return self.state.files.other("document", content, name)
        return self._photo(item)


VERBS = verbs_of(Person)
"""Every verb by the name of its method."""
