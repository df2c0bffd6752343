"""Walks through a bot breadth-first: presses every button it finds and sends every kind of thing, from every screen."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.emulator.message_views import view
from bot.emulator.pictures import make_picture
from engine.callback import Callback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.emulator.callback_queries import CallbackQuery
    from bot.emulator.message_views import MessageView
    from bot.emulator.people import Person
    from tests.rewinding import Moment, World

BETWEEN = 6.0
"""Seconds between two actions: more than between the two taps of a double tap."""
FITS = "Скрипит дверь в коридоре"
SENT = ("photo", "document", "album", "sticker", "voice", "edit")
PICTURE = make_picture(1, 64, 48)
STANDING = """
SELECT message_id, screen, state, requests.status
FROM conversations LEFT JOIN requests ON requests.id = json_extract(state, '$.frames[#-1].about')
WHERE telegram_user_id = :id
"""
NEXT_TIMER = "SELECT timer_at FROM conversations WHERE telegram_user_id = :id AND timer_at IS NOT NULL"
LAST_DEADLINE = "SELECT max(due_at) FROM timers HAVING max(due_at) IS NOT NULL"
REFUSALS = ("stale", "refused", "gone")
"""The phrases that must not answer a button of the newest screen: it says what may be done now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands: the message that shows it, and what makes a difference to what may happen there.

    `asked` is the transition that waits for the step's answer, with the status that it leads from; `draft` is what
    the draft holds, where the step needs something to be there.
    """

    message_id: int
    step: str
    mode: str
    asked: tuple[str, str] | None
    draft: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person does: press `words` on message `target`, say `words`, send a thing with `words`, or wait.

    `fits` says that the step takes it, or may: what does not must leave the person where they are.
    """

    kind: str
    words: str = ""
    target: int = 0
    fits: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.words[:60]!r}" + (f" on message {self.target}" if self.target else "")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place that was not seen before: what can be done there, and all that was done to come there."""

    moment: Moment
    actions: list[Action]
    path: tuple[Action, ...] = ()


@dataclass
class Walker:
    """Walks as one person; the world is brought back to an earlier moment before every action.

    `commands` are tried in the menu. Nothing is done twice in places that look alike: those with the same buttons, in
    the same step, asked for by the same transition; what was `tried` is sent once, whoever sends it. Raises
    AssertionError, with the path, where an action fails, is refused by Telegram or is not answered, where a button
    just drawn is refused, where words that do not fit lead on, and where nothing can be pressed. `steps` are those
    where the person stood; `seen` are the statuses that were left and the notices that arrived, see `flow_parts`.
    """

    world: World
    person_id: int
    commands: tuple[str, ...] = ()
    tried: set[Any] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    actions: int = 0
    _known: set[Any] = field(default_factory=set)

    async def walk(self, most: int | None = None) -> None:
        """Go everywhere from the present moment, or as far as `most` actions lead, and come back to it."""
        start = self.world.remember()
        crossings = deque([Crossing(start, self._open_actions())])
        while crossings:
            crossing = crossings.popleft()
            for action in crossing.actions:
                if most is not None and self.actions >= most:
                    self.world.recall(start)
                    return
                self.world.recall(crossing.moment)
                path = (*crossing.path, action)
                await self._do(action, path)
                if self._is_new(self._place(self._standing())):
                    crossings.append(Crossing(self.world.remember(), self._open_actions(), path))
        self.world.recall(start)

    @property
    def _person(self) -> Person:
        return self.world.town.emulator.people[self.person_id]

    def _standing(self) -> Standing:
        ((message_id, screen, written, status),) = self.world.read(STANDING, id=self.person_id)
        state = json.loads(written)
        top, *below = reversed(state["frames"])
        self.steps.add(top["step"])
        waiting = below[0].get("pending") if below else None
        asked = (waiting["transition"], status) if waiting else None
        needs = self.world.town.flows.steps[top["step"]].needs
        draft = frozenset(state.get("draft", {})) if needs else frozenset()
        return Standing(message_id, json.loads(screen)["name"], top.get("mode", "open"), asked, draft)

    def _place(self, standing: Standing) -> Any:
        return replace(standing, message_id=0), _keys(self._message(standing.message_id))

    def _open_actions(self) -> list[Action]:
        """Return what can be done now and was not done in such a place before."""
        standing = self._standing()
        return [*self._pressings(standing), *self._sendings(standing)]

    def _pressings(self, standing: Standing) -> Iterator[Action]:
        """Go through the buttons of every message, and the replies to it."""
        place = self._place(standing)
        for message in self._person.messages:
            where = place if message.id == standing.message_id else _keys(message)
            yield from (each for each in _presses(message) if self._is_new((where, _turn(message, each))))
            if message.by_bot and message.keyboard and self._is_new(("reply", _keys(message))):
                yield Action("say", FITS, message.id)
                yield Action("photo", FITS, message.id)

    def _sendings(self, standing: Standing) -> Iterator[Action]:
        """Go through what can be sent: what the step expects wherever it leads elsewhere, all else once a step."""
        expect = self.world.town.flows.steps[standing.step].expect
        awaited = {"say": expect.text, "photo": expect.photo, "document": expect.document}
        here = replace(standing, message_id=0)
        once = replace(here, asked=here.asked and (here.asked[0], ""))
        for action in self._things(standing):
            mark = (here if action.fits and awaited.get(action.kind) else once, action)
            if mark not in self.tried:
                self.tried.add(mark)
                yield action

    def _things(self, standing: Standing) -> Iterator[Action]:
        """Go through all that can be sent: of words, some that fit the step, and some too short and too long for it."""
        yield Action("say", FITS)
        if expected := self.world.town.flows.steps[standing.step].expect.text:
            lengths = (expected.min - 1, expected.max + 1)
            yield from (Action("say", "я" * length, fits=False) for length in lengths if 0 < length <= 4096)
        yield from (Action("say", command) for command in ("/menu", "/new"))
        yield from (Action(kind, fits=kind not in {"sticker", "voice", "edit"}) for kind in SENT)
        yield from (Action(kind, FITS) for kind in ("photo", "document", "album"))
        if standing.step == self.world.town.flows.start:
            yield from (Action("say", f"/{command}") for command in self.commands)
        yield Action("wait")

    async def _do(self, action: Action, path: tuple[Action, ...]) -> None:
        self.actions += 1
        self.world.town.clock.advance(seconds=BETWEEN)
        before = self._standing()
        press = self._act(action)
        await (self._wait() if action.kind == "wait" else self.world.town.until_idle())
        self._note()
        if wrong := list(self._faults(action, before, press)):
            raise AssertionError("\n".join([*wrong, f"after {self._person.name} did:", *map(str, path)]))

    async def _wait(self) -> None:
        """Let time do all that it is to do to this person, and then whatever it does to requests."""
        while await self._pass_time(NEXT_TIMER, id=self.person_id):
            pass
        await self._pass_time(LAST_DEADLINE)

    async def _pass_time(self, until: str, **values: int) -> bool:
        """Let time pass until the moment that a query finds; return whether it found any."""
        found = self.world.read(until, **values)
        for (moment,) in found:
            self.world.town.clock.now = max(
                self.world.town.clock.now, datetime.fromisoformat(moment).replace(tzinfo=UTC)
            )
            await self.world.town.until_idle()
        return bool(found)

    def _act(self, action: Action) -> CallbackQuery | None:
        person, reply_to = self._person, action.target or None
        match action.kind:
            case "press":
                return person.press_data(self._message(action.target), action.words)
            case "say":
                person.say(action.words, reply_to)
            case "edit":
                person.edit(next(each for each in person.messages if not each.by_bot), "опечатки нет")
            case "sticker":
                person.send_sticker()
            case "voice":
                person.send_voice()
            case "photo":
                person.send_photo(PICTURE, action.words, reply_to)
            case "document":
                person.send_document("акт.pdf", caption=action.words)
            case "album":
                person.send_album((PICTURE, PICTURE), action.words)
        return None

    def _faults(self, action: Action, before: Standing, press: CallbackQuery | None) -> Iterator[str]:
        """Tell what is wrong after an action."""
        town, after = self.world.town, self._standing()
        for error, raw in self.world.read("SELECT error, raw FROM quarantined_updates"):
            yield f"{error} sets an update aside: {raw}"
        for call in town.emulator.journal.calls(accepted=False):
            if "not modified" not in call.error:
                yield f"Telegram refuses {call.method} {call.params}: {call.error}"
        if press and not press.answered:
            yield "the press is not answered"
        refusals = {town.flows.phrases[name].render({}) for name in REFUSALS}
        if press and action.target == before.message_id and press.text in refusals:
            yield f"a button just drawn is answered with «{press.text}»"
        if not action.fits and after.step != before.step:
            yield f"what does not fit {before.step} leads to {after.step}"
        if not self._message(after.message_id).keyboard:
            yield f"a dead end: {self._message(after.message_id).text}"

    def _note(self) -> None:
        """Note what the trace does not tell."""
        self.seen |= {f"left:{name}:{state}" for name, state in self.world.read("SELECT name, from_state FROM events")}
        self.seen |= {f"shown:{name}" for (name,) in self.world.read("SELECT name FROM message_links")}

    def _message(self, message_id: int) -> MessageView:
        return view(self._person.chat.messages[message_id])

    def _is_new(self, mark: Any) -> bool:
        known = mark in self._known
        self._known.add(mark)
        return not known


def _presses(message: MessageView) -> Iterator[Action]:
    yield from (Action("press", button.data or "", message.id) for row in message.keyboard for button in row)


def _turn(message: MessageView, action: Action) -> Any:
    """Tell buttons of one drawing apart without their subject and drawing: rows by their order.

    Of what can be chosen the first is enough: one answer leads where the others lead.
    """
    place, button = _key(action.words)
    data = [each.words for each in _presses(message)]
    return place, button, data.index(action.words) if button in {"row", "page"} else 0


def _keys(message: MessageView) -> frozenset[tuple[str, str]]:
    return frozenset(_key(button.data) for row in message.keyboard for button in row)


def _key(data: str | None) -> tuple[str, str]:
    """Return what the data of a button says, but for its subject, its value and its drawing."""
    callback = Callback.decode(data or "")
    return (callback.owner, callback.button) if callback else ("", data or "")
