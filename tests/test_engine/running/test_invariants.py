"""What always holds at the lending desk: whatever people do, in any order, and however the flows change meanwhile."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from engine.callback import LIMIT, Callback
from engine.events import Command, File, SubjectRef
from engine.markup import length, parse
from engine.running.engine import Engine
from engine.running.navigation import DEPTH
from engine.screen import Screen
from tests.test_engine.changed_laptops import VARIANTS, changed, contents, reshaped
from tests.test_engine.desk import Chat, Desk, Message
from tests.test_engine.laptops import CAPACITY, DAY, NOON

if TYPE_CHECKING:
    from engine.screen import Reply
    from engine.subjects import Change
    from tests.test_engine.laptops import Laptop

PEOPLE = st.sampled_from([1, 3, 3, 4, 2, 5, 6])
NUMBERS = st.integers(0, 40)
WALKS = st.lists(NUMBERS, min_size=4, max_size=12)
IDS = st.one_of(st.integers(0, CAPACITY + 1), st.sampled_from([2**31, 2**63 - 1]))
CHARACTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.one_of(
    st.sampled_from(
        ["Урок физики", "  ", "<b>&amp;{{ 7 * 7 }}", "🦉" * 30, "ы" * 60, "я" * 120, "&" * 200, "a" * 4096]
    ),
    st.text(CHARACTERS, min_size=1, max_size=80),
)
ALBUMS = st.sampled_from([None, None, "first", "second"])
CARDS = st.one_of(st.none(), st.builds(SubjectRef, st.just("laptop"), IDS))
PLACES = sorted({name for each in VARIANTS for name in (*changed(each).steps, *changed(each).notices)})
KEYS = sorted({button.key for each in VARIANTS for step in changed(each).steps.values() for button in step.buttons})
TRANSITIONS = [each["name"] for each in contents()["laptop"]["status"]["transitions"]]
MADE_UP = st.one_of(
    st.text(CHARACTERS, max_size=LIMIT),
    st.builds(
        "{}:{}:{}:{}~{}".format,
        st.sampled_from(PLACES),
        st.sampled_from([*KEYS, *TRANSITIONS, "row", "pick", "page"]),
        st.sampled_from(["", "1", "2", "zz", "1y2p0ij32e8e7", "zzzzzzzzzzzzz", "-1", "٣", "²"]),
        st.one_of(
            st.sampled_from(["", "1", "3", "a4", "b4", "free", "bag", "d3", "²"]), st.text(CHARACTERS, max_size=12)
        ),
        st.sampled_from(["", "1", "zz"]),
    ),
)
ROUTES = st.sampled_from(
    [
        (
            "/menu",
            "[новый",
            "Sony V",
            "[новый",
            "[сумка",
            "[Дальше",
            "[Выбрать",
            "[Глеб",
            "[Дальше",
            "[Вид",
            "[бывалый",
        ),
        ("/menu", "[новый", "Sony V", "[новый", "[Дальше", "[Выбрать", "[Глеб", "[Дальше", "[Поставить", "[Взять"),
        ("/start laptop-1", "[Взять", "Урок физики", "[3 марта", "[МЫШЬ", "[Готово", "[Сдать", "(photo)", "[Принять"),
        ("/start laptop-2", "[Сдать", "(photo)", "[Фото", "[Принять", "[Взять", "Урок", "[4 марта", "[Готово"),
        ("/start laptop-3", "[Списать", "[Да", "[Точно", "[Замечание", "Поздно"),
        ("/start laptop-3", "[Починен", "[Взять", "Урок"),
        ("/start laptop-2", "[Просрочен", "[Передать", "[Борис", "[Сломан", "Упал", "[Сдам"),
    ]
)
PHOTO = File("photo", "ref", "unique")
VIEWERS = {"teacher", "librarian", "technician"}


class Lending(RuleBasedStateMachine):
    """People at the lending desk, who press, type and send as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(flows=changed())
        laptops = self.desk.shelf.laptops
        laptops[2] = replace(laptops[2], state="lent", borrower=1, lent_at=NOON - 8 * DAY)
        laptops[3] = replace(laptops[3], state="repair", reason="Упал", photos=[PHOTO.as_data()])
        self.variant: Any = None
        self.drawn: list[tuple[int, Message, str]] = []
        self.before = self._states()
        self.borrowers = self._borrowers()

    @rule(who=PEOPLE, walk=WALKS)
    def presses_what_is_on_the_screen(self, who: int, walk: list[int]) -> None:
        chat = self._opened(who)
        for number in walk:
            self._press(chat, number)

    @rule(who=PEOPLE, route=ROUTES, length=st.integers(2, 12))
    def goes_the_beaten_path(self, who: int, route: tuple[str, ...], length: int) -> None:
        """Most of what befalls at random leads out of a dialog; this leads far into one."""
        chat = self._opened(who)
        for event in route[:length]:
            if event.startswith("["):
                self._press(chat, 0, only=event[1:])
            elif event.startswith("/"):
                self._done(chat, chat.command(*event[1:].split()))
            else:
                self._done(chat, chat.photo() if event == "(photo)" else chat.say(event))

    @rule(who=PEOPLE, laptop=st.sampled_from([None, None, 1, 1, 2, 3, 7]), walk=WALKS)
    def answers_what_is_asked(self, who: int, laptop: int | None, walk: list[int]) -> None:
        chat = self._opened(who)
        if laptop:
            self._done(chat, chat.command("start", f"laptop-{laptop}"))
        for number in walk:
            frames = chat.conversation().frames
            step = self.desk.flows.steps.get(frames[-1].step) if frames and number % 3 else None
            expect = step.expect if step else None
            if expect and expect.text:
                self._done(chat, chat.say(f"Урок {number}"))
            elif expect and expect.file("photo"):
                self._done(chat, chat.photo())
            else:
                self._press(chat, number, avoid=("Назад", "Отмена"))

    @rule(who=PEOPLE, back=st.integers(1, 8), walk=WALKS)
    def presses_what_stands_above(self, who: int, back: int, walk: list[int]) -> None:
        chat = self.desk.chat(who)
        for number in walk[:4]:
            if chat.messages:
                self._press_on(chat, chat.messages[-min(back, len(chat.messages))], number)

    @rule(number=st.integers(0, 2000), late=st.booleans())
    def presses_a_button_of_any_drawing(self, number: int, late: bool) -> None:
        if self.drawn:
            who, message, data = self.drawn[-1 - number % len(self.drawn)]
            self.desk.wait(timedelta(seconds=10 * late))
            self._done(self.desk.chat(who), self.desk.chat(who).press_data(message, data))

    @rule(who=PEOPLE, data=MADE_UP, number=NUMBERS, known=st.booleans())
    def presses_a_button_that_was_never_drawn(self, who: int, data: str, number: int, known: bool) -> None:
        chat = self._opened(who)
        lost = Message(0, Screen("lost", "lost"))
        self._done(
            chat, chat.press_data(chat.messages[number % len(chat.messages)] if known and chat.messages else lost, data)
        )

    @rule(who=PEOPLE, words=st.lists(WORDS, min_size=1, max_size=3), card=CARDS)
    def says(self, who: int, words: list[str], card: SubjectRef | None) -> None:
        for text in words:
            self._done(self._opened(who), self.desk.chat(who).say(text, card))

    @rule(
        who=PEOPLE, captions=st.lists(st.one_of(st.just(""), WORDS), min_size=1, max_size=4), album=ALBUMS, card=CARDS
    )
    def sends_photos(self, who: int, captions: list[str], album: str | None, card: SubjectRef | None) -> None:
        for caption in captions:
            self._done(self._opened(who), self.desk.chat(who).photo(caption[:1024], album, card))

    @rule(who=PEOPLE, caption=WORDS, megabytes=st.integers(0, 30))
    def sends_a_document(self, who: int, caption: str, megabytes: int) -> None:
        self._done(self._opened(who), self.desk.chat(who).document(caption[:1024], megabytes << 20))

    @rule(
        who=PEOPLE,
        name=st.one_of(st.sampled_from(["start", "menu", "rules", "cancel", "catalogue"]), WORDS),
        payload=WORDS,
    )
    def commands(self, who: int, name: str, payload: str) -> None:
        self._done(self.desk.chat(who), self.desk.chat(who).command(name[:32], payload[:64]))

    @rule(who=PEOPLE, laptop=st.one_of(IDS, st.sampled_from([2**63, 10**40]), WORDS))
    def follows_a_link(self, who: int, laptop: int | str) -> None:
        self._done(self.desk.chat(who), self.desk.chat(who).command("start", f"laptop-{laptop}"))

    @rule(who=PEOPLE)
    def sends_what_nobody_expects(self, who: int) -> None:
        for event in (self._opened(who).sticker, self.desk.chat(who).edit):
            self._done(self.desk.chat(who), event())

    @rule(days=st.integers(0, 9))
    def waits(self, days: int) -> None:
        self.desk.wait(timedelta(days=days, seconds=1))

    @rule(days=st.integers(0, 9), rounds=st.integers(1, 3))
    def lets_time_act(self, days: int, rounds: int) -> None:
        self.desk.wait(timedelta(days=days, minutes=31))
        for chat in [each for each in self.desk.chats.values() if each.messages] * rounds:
            reply = chat.elapse()
            if reply.screen:
                assert not reply.edit
                self._done(chat, reply)
            for key in self.desk.due():
                for notification in self.desk.expire(*key).notifications:
                    self._check_seen(notification.recipient.id, notification.screen)
                self._check_lifecycle(chat)

    @rule(who=PEOPLE, role=st.sampled_from([*sorted(VIEWERS), "stranger"]), is_blocked=st.booleans())
    def becomes_somebody_else(self, who: int, role: str, is_blocked: bool) -> None:
        self.desk.shelf.members[who].role = role
        self.desk.shelf.members[who].is_blocked = is_blocked and who % 2 == 0

    @rule(number=st.integers(1, 2 * CAPACITY))
    def loses_a_laptop(self, number: int) -> None:
        self.desk.shelf.laptops.pop(number, None)

    @rule(variant=st.sampled_from(VARIANTS))
    def starts_again_with_changed_flows(self, variant: Any) -> None:
        self.variant = variant
        self.desk.flows = changed(variant)
        self.desk.engine = Engine(self.desk.flows)

    def _press(self, chat: Chat, number: int, only: str = "", avoid: tuple[str, ...] = ()) -> None:
        if chat.messages:
            self._press_on(chat, chat.screen, number, only, avoid)

    def _press_on(self, chat: Chat, message: Message, number: int, only: str = "", avoid: tuple[str, ...] = ()) -> None:
        buttons = [each for row in message.screen.rows for each in row if only in each.text and each.text not in avoid]
        if buttons:
            self._done(chat, chat.press_data(message, buttons[number % len(buttons)].data))

    def _opened(self, who: int) -> Chat:
        """Return a chat in which something stands already, so that most presses meet a button."""
        chat = self.desk.chat(who)
        if not chat.messages:
            self._done(chat, chat.command("menu"))
        return chat

    def _done(self, chat: Chat, reply: Reply) -> None:
        self._check_reply(chat, reply)
        self._check_stack(chat)
        assert chat.wake_at is None or chat.wake_at > self.desk.now
        self._check_menu(chat)
        self._check_lifecycle(chat)
        for each in self.desk.chats.values():
            for message in each.messages[-3:]:
                check_screen(message.screen)
                self._remember(each, message)
        chat.member.prefs = json.loads(json.dumps(chat.member.prefs))

    def _remember(self, chat: Chat, message: Message) -> None:
        known = {(who, data) for who, _, data in self.drawn[-60:]}
        for row in message.screen.rows:
            self.drawn += [
                (chat.member.id, message, each.data) for each in row if (chat.member.id, each.data) not in known
            ]

    def _check_reply(self, chat: Chat, reply: Reply) -> None:
        """Hold what one person was shown, and what others were told, against what each may see."""
        if chat.member.is_blocked:
            assert not any((reply.screen, reply.card, reply.notifications, reply.files, reply.changed))
            assert reply.toast or reply.note
        for screen in filter(None, (reply.screen, reply.card)):
            self._check_seen(chat.member.id, screen)
        for notification in reply.notifications:
            assert notification.recipient.id != chat.member.id
            self._check_seen(notification.recipient.id, notification.screen)
        assert length(reply.toast or "") <= 200
        assert length(reply.note or "") <= 4096
        assert length(parse(reply.caption).text) <= 1024
        assert not reply.files or chat.member.role in VIEWERS

    def _check_seen(self, who: int, screen: Screen) -> None:
        check_screen(screen)
        member = self.desk.shelf.members[who]
        if screen.subject:
            assert screen.subject.id in self.desk.shelf.laptops
            assert member.role in VIEWERS
            assert not member.is_blocked

    def _check_stack(self, chat: Chat) -> None:
        conversation, steps = chat.conversation(), self.desk.flows.steps
        assert json.loads(json.dumps(conversation.as_data())) == json.loads(chat.state)
        assert len(conversation.frames) <= DEPTH
        if chat.member.is_blocked:
            return
        assert conversation.frames
        for frame in conversation.frames:
            assert {frame.step, *frame.trail} <= steps.keys()
            assert len(frame.trail) < len(steps)

    def _check_menu(self, chat: Chat) -> None:
        """The way home is open from wherever the person stands, whichever of the two commands they know."""
        for name in ("menu", "start"):
            conversation, member = chat.conversation(), copy.deepcopy(chat.member)
            member.is_blocked = False
            reply = self.desk.engine.handle(Command(name), conversation, member, self.desk.shelf, self.desk.now)
            assert reply.screen
            assert reply.screen.name == self.desk.flows.start
            assert len(conversation.frames) == 1

    def _check_lifecycle(self, chat: Chat) -> None:
        """Every change of a status is written down, declared, and this person's to make."""
        for laptop in self.desk.shelf.laptops.values():
            made, state = self.before.get(id(laptop), (0, "free"))
            for change in laptop.changes[made:]:
                assert change.source == state
                assert change.actor in (chat.member, None)
                self._check_declared(change, state, laptop, chat)
                state = change.target
            assert laptop.state == state
        self.before, self.borrowers = self._states(), self._borrowers()

    def _check_declared(self, change: Change, source: str, laptop: Laptop, chat: Chat) -> None:
        status = contents(self.variant)["laptop"]["status"]
        declared = next(each for each in status["transitions"] if each["name"] == change.transition)
        assert status["moved"].get(source, source) in declared["from"]
        assert change.target == declared["to"]
        if change.actor is None:
            assert "timer" in declared["by"]
            return
        borrows = "borrower" in declared["by"] and self.borrowers.get(id(laptop)) == chat.member.id
        assert borrows or chat.member.role in declared["by"]

    def _states(self) -> dict[int, tuple[int, str]]:
        return {id(each): (len(each.changes), each.state) for each in self.desk.shelf.laptops.values()}

    def _borrowers(self) -> dict[int, int | None]:
        return {id(each): each.borrower for each in self.desk.shelf.laptops.values()}


@cache
def check_screen(screen: Screen) -> None:
    """Hold a screen against the limits of the Bot API."""
    assert 0 < length(parse(screen.text).text) <= 4096
    buttons = [button for row in screen.rows for button in row]
    data = [button.data for button in buttons]
    assert len(set(data)) == len(data)
    for button in buttons:
        assert button.text.strip()
        assert 0 < len(button.data.encode()) <= LIMIT
        decoded = Callback.decode(button.data)
        assert decoded
        assert decoded.encode() == button.data


class TestLending(Lending.TestCase):  # type: ignore[misc,name-defined] # hypothesis makes the class at run time
    settings = settings(
        max_examples=50,
        stateful_step_count=40,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


def test_a_choice_that_became_a_choice_of_many_begins_empty() -> None:
    vera = Desk(flows=changed()).chat(3)
    vera.command("menu")
    vera.press("новый")
    vera.say("Sony V")
    vera.press("бывалый", "Назад")
    vera.desk.flows = changed(reshaped)
    vera.desk.engine = Engine(vera.desk.flows)
    vera.say("Sony V")
    assert vera.screen.labels[:2] == ["✨ новый", "бывалый"]
    vera.press("бывалый")
    assert vera.screen.labels[:2] == ["✨ новый", "✅ бывалый"]
