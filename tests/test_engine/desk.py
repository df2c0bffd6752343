"""People who talk to the engine at the lending desk, and their chats written down.

Does with the engine's replies what a messenger's shell does: a press redraws the message it stands on, typed words are
answered below, live cards follow their subject. Every conversation is stored as JSON between two events.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from engine.callback import LIMIT
from engine.conversation import Conversation
from engine.events import Command, Edited, File, FileMessage, Other, Press, TextMessage
from engine.markup import length, parse
from engine.running.engine import Engine
from tests.test_engine.laptops import NOON, Member, Shelf, laptop_flows, school

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime, timedelta

    from engine.compiled import CompiledFlows
    from engine.events import Event, SubjectRef
    from engine.screen import Reply, Screen, ScreenButton


@dataclass
class Message:
    """One message of the bot as it stands in a chat; `live` cards follow their subject."""

    id: int
    screen: Screen
    live: bool = False

    def button(self, label: str) -> ScreenButton:
        """Return the first button whose label holds `label`."""
        for row in self.screen.rows:
            for button in row:
                if label in button.text:
                    return button
        raise LookupError(f"no button {label!r} among {self.labels}")

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [button.text for row in self.screen.rows for button in row]


@dataclass
class Desk:
    """The lending desk: one shelf, one engine, everybody's chats."""

    shelf: Shelf = field(default_factory=school)
    flows: CompiledFlows = field(default_factory=laptop_flows)
    now: datetime = NOON
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.deadlines: dict[tuple[SubjectRef, str], tuple[str, datetime]] = {}
        self.engine = Engine(self.flows, self.seen.append)

    def chat(self, member_id: int) -> Chat:
        """Return the chat of a person."""
        return self.chats.setdefault(member_id, Chat(self, self.shelf.members[member_id]))

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time

    def wait_and_see(self, time: timedelta) -> None:
        """Let time pass, and do what it is to do then, until nothing more is due."""
        self.wait(time)
        while self.pass_time():
            pass

    def pass_time(self) -> bool:
        """Let one thing happen for each that is due; tell whether any was."""
        chats = [chat for chat in self.chats.values() if chat.wake_at and chat.wake_at <= self.now]
        for chat in chats:
            chat.elapse()
        due = self.due()
        for key in due:
            self.expire(*key)
        return bool(chats or due)

    def due(self) -> list[tuple[SubjectRef, str]]:
        """Return the deadlines that have come."""
        return [key for key, (_, moment) in self.deadlines.items() if moment <= self.now]

    def expire(self, ref: SubjectRef, name: str) -> Reply:
        """Let a deadline of a laptop go off, which does with its own time what a shell does."""
        state, _ = self.deadlines.pop((ref, name))
        reply = self.engine.expire(ref, state, name, self.shelf, self.now)
        if reply.wake_at and not reply.deadlines:
            self.deadlines[ref, name] = (state, reply.wake_at)
        self.spread(reply)
        return reply

    def make_transition(self, member_id: int, ref: SubjectRef, name: str, **answers: Any) -> Reply:
        """Let a person make a transition without their chat."""
        member = self.shelf.members[member_id]
        reply = self.engine.make_transition(ref, name, member, answers, self.shelf, self.now)
        self.spread(reply)
        return reply

    def spread(self, reply: Reply, by: Chat | None = None, drawn: AbstractSet[int | None] = frozenset()) -> None:
        """Tell people, keep deadlines, draw cards anew but those that were `drawn` in the chat it came from."""
        for notification in reply.notifications:
            self.chat(notification.recipient.id).receive(notification.screen)
        for begun in reply.deadlines:
            for key in [key for key in self.deadlines if key[0] == begun.subject]:
                assert not begun.fresh
                del self.deadlines[key]
            self.deadlines |= {(begun.subject, name): (begun.state, due) for name, due in begun.due.items()}
        for ref in reply.changed:
            for chat in self.chats.values():
                chat.follow(ref, drawn if chat is by else frozenset())

    def transcript(self) -> str:
        """Return all chats, one below the other."""
        return "\n".join(f"=== {chat.member.name} ===\n\n" + chat.transcript() for chat in self.chats.values())


@dataclass
class Chat:
    """One person's chat with the bot."""

    desk: Desk
    member: Member
    state: str = "{}"
    revision: int = 0
    messages: list[Message] = field(default_factory=list)
    screen_id: int | None = None
    wake_at: datetime | None = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._files = count(1)

    @property
    def name(self) -> str:
        """The person's first name."""
        return self.member.name.partition(" ")[0]

    def command(self, name: str, payload: str = "") -> Reply:
        """Send a command."""
        return self._happen(f"/{name} {payload}".strip(), Command(name, payload))

    def say(self, text: str, reply_to: SubjectRef | None = None) -> Reply:
        """Type words."""
        about = f" (в ответ на №{reply_to.id})" if reply_to else ""
        return self._happen(text + about, TextMessage(text, reply_to))

    def press(self, *labels: str) -> Reply:
        """Press buttons of the newest message that has them, one after the other."""
        for label in labels:
            reply = self.press_on(self.screen, label)
        return reply

    def press_on(self, message: Message, label: str) -> Reply:
        """Press a button of a message as it was seen."""
        button = message.button(label)
        return self.press_data(message, button.data, button.text)

    def press_data(self, message: Message, data: str, label: str = "") -> Reply:
        """Press a button, also one that was never drawn."""
        card = message.screen.subject if message.screen.card and message.id != self.screen_id else None
        return self._happen(f"[{label or data}] на #{message.id}", Press(data, message.id, card), message)

    def photo(self, caption: str = "", album: str | None = None, reply_to: SubjectRef | None = None) -> Reply:
        """Send a photo."""
        return self._send("photo", caption, album, reply_to, 1000)

    def document(self, caption: str = "", size: int = 1000) -> Reply:
        """Send a document."""
        return self._send("document", caption, None, None, size)

    def sticker(self) -> Reply:
        """Send what no step can take."""
        return self._happen("(стикер)", Other("sticker"))

    def edit(self) -> Reply:
        """Change a message sent before."""
        return self._happen("(правит сообщение)", Edited())

    @property
    def screen(self) -> Message:
        """The message that shows the conversation, or the newest one."""
        return next((each for each in self.messages if each.id == self.screen_id), self.messages[-1])

    def _send(self, kind: str, caption: str, album: str | None, reply_to: SubjectRef | None, size: int) -> Reply:
        number = next(self._files)
        file = File(kind, f"ref{number}", f"u{number}", size)
        what = f"({'фото' if kind == 'photo' else 'документ'}{' альбома' if album else ''}) {caption}"
        return self._happen(what.rstrip(), FileMessage(file, caption, album, reply_to))

    def _happen(self, what: str, event: Event, pressed: Message | None = None) -> Reply:
        if self.lines and self.lines[-1]:
            self.lines.append("")
        self.lines.append(f"{self.name}: {what}")
        conversation = Conversation.from_data(json.loads(self.state), self.revision)
        own = pressed is not None and pressed.id == self.screen_id
        reply = self.desk.engine.handle(event, conversation, self.member, self.desk.shelf, self.desk.now, own=own)
        self._keep(conversation, reply)
        self._show(reply, pressed)
        return reply

    def elapse(self) -> Reply:
        """Let time do what it is to do in this chat now."""
        conversation = self.conversation()
        reply = self.desk.engine.elapse(conversation, self.member, self.desk.shelf, self.desk.now)
        self._keep(conversation, reply)
        if reply.screen:
            self.lines += ["", "(время идёт)"]
        self._show(reply, None)
        return reply

    def _keep(self, conversation: Conversation, reply: Reply) -> None:
        self.state, self.revision = json.dumps(conversation.as_data(), ensure_ascii=False), conversation.revision
        self.wake_at = reply.wake_at

    def conversation(self) -> Conversation:
        """Return the stored conversation."""
        return Conversation.from_data(json.loads(self.state), self.revision)

    def _show(self, reply: Reply, pressed: Message | None) -> None:
        if reply.toast:
            self.lines.append(f"  всплывает: {reply.toast}")
            assert length(reply.toast) <= 200
        if reply.note:
            self.lines.append(f"  бот отвечает: {reply.note}")
        if reply.card and pressed:
            self._put(pressed, reply.card)
        if reply.screen:
            self._place(reply, pressed)
        if reply.files:
            names = ", ".join(file.ref for file in reply.files)
            self.lines.append(f"  бот шлёт: {names} — {reply.caption}")
        drawn = reply.card or reply.screen
        self.desk.spread(reply, self, {pressed.id if pressed else 0, self.screen_id} if drawn else set())

    def _place(self, reply: Reply, pressed: Message | None) -> None:
        assert reply.screen
        before = next((each for each in self.messages if each.id == self.screen_id), None)
        target = pressed or (before if reply.edit else None)
        if before and before is not target:
            before.live = before.screen.card
        if target:
            target.live = False
            self._put(target, reply.screen)
        else:
            target = self._post(reply.screen)
        self.screen_id = target.id

    def receive(self, screen: Screen) -> None:
        """Get a message that nobody here asked for."""
        if self.lines:
            self.lines.append("")
        self._post(screen).live = screen.card

    def follow(self, ref: SubjectRef, drawn: AbstractSet[int | None]) -> None:
        """Draw the cards of a subject anew but those already `drawn`."""
        for message in self.messages:
            opened = message.id == self.screen_id
            follows = message.screen.card and (message.live or opened)
            if follows and message.screen.subject == ref and message.id not in drawn:
                (card,) = self.desk.engine.cards(ref, [(self.member, opened)], self.desk.shelf, self.desk.now)
                self._put(message, card or replace(message.screen, text="(недоступно)", rows=()))

    def _post(self, screen: Screen) -> Message:
        message = Message(len(self.messages) + 1, screen)
        self.messages.append(message)
        self._write(f"  бот #{message.id}:", screen)
        return message

    def _put(self, message: Message, screen: Screen) -> None:
        if message.screen.text == screen.text and message.screen.rows == screen.rows:
            return
        message.screen = screen
        self._write(f"  бот правит #{message.id}:", screen)

    def _write(self, title: str, screen: Screen) -> None:
        assert 0 < length(parse(screen.text).text) <= 4096
        self.lines.append(title)
        self.lines += [f"    {line}".rstrip() for line in screen.text.splitlines()]
        for row in screen.rows:
            self.lines.append("    " + " ".join(f"[{button.text}]" for button in row))
            for button in row:
                assert button.text.strip()
                assert len(button.data.encode()) <= LIMIT

    def transcript(self) -> str:
        """Return the chat as it happened."""
        return "\n".join(self.lines) + "\n"


def frames(chat: Chat) -> list[dict[str, Any]]:
    """Return the stored stack of dialogs of a chat."""
    found: list[dict[str, Any]] = json.loads(chat.state).get("frames", [])
    return found
