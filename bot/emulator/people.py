"""What a person does, and what they see.

Everything here is immediate and synchronous; the bot learns of it through its updates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from bot.emulator import api_objects, texts
from bot.emulator.callback_queries import CallbackQuery
from bot.emulator.chat_log import ChatEventKind
from bot.emulator.chat_views import ChatView, Group
from bot.emulator.message_views import MessageView, view
from bot.emulator.pictures import make_picture
from engine.markup import Markup, length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.emulator.chats import Chat, Message, User
    from bot.emulator.files import Media
    from bot.emulator.keyboards import Button
    from bot.emulator.state import State

Picture = bytes | int | None
"""A photo: its bytes, a size in bytes for a made-up one, None for any."""


class NoSuchButton(LookupError):  # noqa: N818 -- reads as what a test says
    """There is no such button; the message names those there are."""


class Person(ChatView):
    """A person, and their private chat with the bot.

    A message is addressed by what was seen of it, or by its id. `group` moves an action to a group.
    """

    def __init__(self, state: State, user: User, chat: Chat, about: str = "") -> None:
        super().__init__(state, chat)
        self.user = user
        self.about = about

    @property
    def name(self) -> str:
        """The first name."""
        return self.user.first_name

    def say(
        self,
        text: str,
        reply_to: MessageView | int | None = None,
        *,
        group: Group | None = None,
        thread_id: int | None = None,
    ) -> MessageView:
        """Send words, 1 to 4096 UTF-16 units as every client keeps them."""
        if not 1 <= length(text) <= texts.TEXT_LIMIT:
            raise ValueError("a client sends 1 to 4096 characters")
        return self._send(texts.typed(text), group, reply_to=reply_to, thread_id=thread_id)

    def say_in(
        self,
        group: Group,
        text: str,
        reply_to: MessageView | int | None = None,
        thread_id: int | None = None,
    ) -> MessageView:
        """Send words in a group."""
        return self.say(text, reply_to, group=group, thread_id=thread_id)

    def send_photo(
        self,
        photo: Picture = None,
        caption: str = "",
        reply_to: MessageView | int | None = None,
        *,
        group: Group | None = None,
    ) -> MessageView:
        """Send a photo."""
        return self._send(texts.typed(caption), group, media=self._photo(photo), reply_to=reply_to)

    def send_album(
        self,
        items: Sequence[Picture | tuple[str, bytes]] = (None, None),
        caption: str = "",
        caption_on: int = 0,
        *,
        group: Group | None = None,
    ) -> tuple[MessageView, ...]:
        """Send 2 to 10 photos, or (name, bytes) documents, as one album: one update for each piece."""
        if not 2 <= len(items) <= 10:
            raise ValueError("a client sends albums of 2 to 10")
        if len({isinstance(item, tuple) for item in items}) > 1:
            raise ValueError("a client sends photos and documents in albums of their own")
        album = self.state.next_album()
        return tuple(
            self._send(
                texts.typed(caption if index == caption_on else ""),
                group,
                media=self._document(*item) if isinstance(item, tuple) else self._photo(item),
                album=album,
            )
            for index, item in enumerate(items)
        )

    def send_document(
        self,
        name: str,
        content: bytes | int = b"%PDF-1.7\n",
        caption: str = "",
        reply_to: MessageView | int | None = None,
        *,
        group: Group | None = None,
    ) -> MessageView:
        """Send a file; `content` may be a size in bytes for a made-up one."""
        media = self._document(name, content)
        return self._send(texts.typed(caption), group, media=media, reply_to=reply_to)

    def send_sticker(self) -> MessageView:
        """Send a sticker."""
        return self._send(Markup(""), None, media=self.state.files.other("sticker", b"RIFF", "s.webp"))

    def send_voice(self) -> MessageView:
        """Send a voice message of three seconds."""
        return self._send(Markup(""), None, media=self.state.files.other("voice", b"OggS", "v.oga"))

    def edit(self, message: MessageView | int, text: str, *, group: Group | None = None) -> MessageView:
        """Change the words of an own message."""
        edited = self._find(message, group)
        if edited.sender is not self.user:
            raise ValueError("people edit their own messages only")
        before = view(edited)
        edited.body = texts.typed(text)
        edited.edited = int(self.state.clock())
        self.state.record(ChatEventKind.EDITED, edited.chat, message=view(edited), before=before)
        self.state.queue_update("edited_message", api_objects.message(edited))
        return view(edited)

    def press(self, label: str, *, group: Group | None = None) -> CallbackQuery:
        """Press a button on the newest message that has one with these words, or with these words in it.

        Raises `NoSuchButton`.
        """
        seen = (group or self).messages
        for shown in reversed(seen):
            if label in shown.labels:
                return self.press_on(shown, label)
        for shown in reversed(seen):
            if any(label in words for words in shown.labels):
                return self.press_on(shown, label)
        offered = [words for shown in seen for words in shown.labels]
        raise NoSuchButton(f"no button «{label}»; there are: {', '.join(offered) or 'none'}")

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

    def press_data(self, message: MessageView, data: str, label: str = "") -> CallbackQuery:
        """Send a callback query with any data, as a tampered client may."""
        chat = self.state.chats.get(message.chat_id)
        pressed = chat.messages.get(message.id) or chat.deleted[message.id]
        press = self.state.callback_queries.make(self.user, pressed, data, self.state.clock())
        self.state.record(ChatEventKind.PRESSED, chat, message=view(pressed), press=press, note=label or data)
        query = {"id": press.id, "from": api_objects.user(self.user), "message": api_objects.pressed_message(pressed)}
        self.state.queue_update("callback_query", query | {"chat_instance": str(chat.id * 31 + 7), "data": data})
        return press

    def open(self, url: str) -> MessageView:
        """Follow a `t.me` link to the bot: its `start` parameter comes as a command."""
        payload = parse_qs(urlsplit(url).query).get("start", [""])[0]
        return self.say(f"/start {payload}".strip())

    def block(self) -> None:
        """Block the bot: its sends are refused with 403 from now on."""
        self._membership("member", "kicked")

    def unblock(self) -> None:
        """Let the bot write again."""
        self._membership("kicked", "member")

    def _membership(self, old: str, new: str) -> None:
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
        self,
        body: Markup,
        group: Group | None,
        *,
        reply_to: MessageView | int | None = None,
        **fields: Any,
    ) -> MessageView:
        if self.chat.blocked and group is None:
            raise RuntimeError(f"{self.name} has blocked the bot")
        self.chat.started = self.chat.started or group is None
        replied = None if reply_to is None else self._find(reply_to, group)
        return (group or self).receive(self.user, "message", body, reply_to=replied, **fields)

    def _find(self, message: MessageView | int, group: Group | None) -> Message:
        if isinstance(message, int):
            return (group or self).chat.messages[message]
        return self.state.chats.get(message.chat_id).messages[message.id]

    def _photo(self, photo: Picture) -> Media:
        if isinstance(photo, bytes):
            return self.state.files.photo(photo)
        made = make_picture(self.chat.last_id, 1280, 960)
        return self.state.files.photo(made, photo)

    def _document(self, name: str, content: bytes | int) -> Media:
        if isinstance(content, int):
            return self.state.files.other("document", b"\0", name, content)
        return self.state.files.other("document", content, name)
