"""Plays one scenario."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bot.emulator.transcript import Transcript
from bot.scenarios.acting import CannotActError, act_out
from bot.scenarios.clock import ManualClock
from bot.scenarios.outcomes import Failure, Outcome
from bot.scenarios.sight import is_among, shown
from bot.scenarios.simulation import Simulation
from bot.scenarios.transcripts import SharedTranscript
from engine.durations import write_duration
from engine.i18n import Message, message
from engine.language.scenario import NOTHING
from engine.problems import Problem
from storage.dialogs import quarantine
from storage.records import users

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import tzinfo

    from bot.emulator.people import Person
    from engine.compiled import CompiledFlows
    from engine.language.scenario import Act, Line, Trouble
    from engine.reading.scenarios import LoadedScenario
    from engine.reading.yaml_reader import Location

FIRST_ID = 1001
"""Telegram's id of whoever a scenario names first."""
PACE = 10
"""Seconds that each line takes: a person reads before they press."""
_FAULTS = {"down": "drop_before", "lost": "drop_after"}
_EXPECTED_ERRORS = ("not modified", "Forbidden")
"""What Telegram refuses, and the bot is right to have tried."""


async def play(scenario: LoadedScenario, flows: CompiledFlows, url: str, zone: tzinfo) -> Outcome:
    """Play a scenario on an empty, migrated database."""
    began = perf_counter()
    met: set[str] = set()
    start = scenario.file.at.replace(tzinfo=zone).astimezone(UTC)
    simulation = Simulation(url, flows, trace=met.add, clock=ManualClock(start))
    game = _Game(scenario, simulation, SharedTranscript(scenario.file.scenario))
    try:
        await game.play()
    finally:
        await simulation.app.close()
    return Outcome(scenario, tuple(game.failures), game.transcript.text, frozenset(met), perf_counter() - began)


class _StopError(Exception):
    """The rest of the scenario would not mean anything."""


@dataclass
class _Game:
    scenario: LoadedScenario
    simulation: Simulation
    transcript: SharedTranscript
    people: dict[str, Person] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    since: int = 0
    """The length of the emulator's log when that began which is seen now."""
    troubled: bool = False

    async def play(self) -> None:
        await self._gather()
        for index, line in enumerate(self.scenario.file.talk):
            try:
                await self._line(("talk", index), line)
            except _StopError:
                return

    async def _gather(self) -> None:
        """Let everybody in who has been there before the scenario begins."""
        for number, (called, player) in enumerate(self.scenario.file.people.items()):
            first, _, last = (player.name or called).partition(" ")
            telegram_id = FIRST_ID + number
            person = self.people[called] = self.simulation.emulator.person(telegram_id, first, last)
            if player.known:
                await self._let_in(person, player.role)
        self.since = self._now()

    async def _let_in(self, person: Person, role: str) -> None:
        person.say("/start")
        await self.simulation.until_idle()
        if await self.simulation.app.runner.run(lambda tx: users.set_role(tx, person.user.id, role)):
            person.say("/start")
            await self.simulation.until_idle()

    def _now(self) -> int:
        return len(self.simulation.emulator.chat_log.entries)

    async def _line(self, at: Location, line: Line) -> None:
        if line.sees.keys() | line.unseen.keys() and not line.model_fields_set - {"sees", "unseen"}:
            self._look(at, line)
            return
        self.since = self._now()
        actors: list[str] = []
        if line.telegram:
            self._order(line.telegram)
        elif line.wait:
            self.transcript.note(f"wait: {write_duration(line.wait)}")
            await self.simulation.pass_time(line.wait)
        elif line.restart:
            self.transcript.note("restart")
            await self.simulation.restart()
            await self.simulation.until_idle()
        elif line.again:
            self.transcript.note("again")
            await self.simulation.redeliver()
        elif line.together:
            actors = await self._together((*at, "together"), line.together)
        else:
            actors = await self._acts((*at, "acts"), line.acts)
        self._write(actors)
        await self._inspect(at)
        self._look(at, line)

    async def _acts(self, at: Location, acts: dict[str, Act]) -> list[str]:
        for called, act in acts.items():
            self.simulation.clock.advance(seconds=PACE)
            # Buttons are pressed one after the other, each on what the one before has led to.
            for index, label in enumerate(act.press):
                self._act(called, act.model_copy(update={"press": [label]}), (*at, called, "press", index))
                await self.simulation.until_idle()
            if not act.press:
                self._act(called, act, (*at, called))
                await self.simulation.until_idle()
        return list(acts)

    async def _together(self, at: Location, rounds: list[dict[str, Act]]) -> list[str]:
        self.simulation.clock.advance(seconds=PACE)
        for index, acts in enumerate(rounds):
            for called, act in acts.items():
                self._act(called, act, (*at, index, called))
        await self.simulation.until_idle()
        return list(dict.fromkeys(called for acts in rounds for called in acts))

    def _act(self, called: str, act: Act, at: Location) -> None:
        """Let somebody act; the bot learns of it as soon as it polls."""
        try:
            act_out(called, self.people[called], act)
        except CannotActError as error:
            self._write([called])
            self._fail(at, error.what, called, error.hint)
            raise _StopError from None

    def _order(self, trouble: Trouble) -> None:
        self.troubled = True
        self.transcript.note(f"telegram: {trouble.fails}")
        kind: Any = _FAULTS.get(trouble.fails, trouble.fails)
        chat_id = self.people[trouble.to].id if trouble.to else None
        after = int(trouble.retry_after.total_seconds()) if trouble.retry_after else 1
        self.simulation.emulator.faults.add(kind, chat_id=chat_id, times=trouble.times, retry_after=after)

    def _write(self, first: Collection[str]) -> None:
        """Write into the transcript what has just happened, beginning with the chats of those who acted."""
        order = [*first, *(called for called in self.people if called not in first)]
        self.transcript.turn(((called, self.people[called]) for called in order), self.since)

    def _look(self, at: Location, line: Line) -> None:
        """Compare what people are shown with what the scenario says."""
        events = self.simulation.emulator.chat_log.entries[self.since :]
        for called, expected in line.sees.items():
            pieces = shown(events, self.people[called].id)
            for index, words in enumerate(expected):
                place = (*at, "sees", called, index)
                if words == NOTHING and pieces:
                    self._fail(place, message('"{name}" should see nothing new, but does', name=called), called)
                elif words != NOTHING and not is_among(words, pieces):
                    what = message('"{name}" does not see "{words}"', name=called, words=words)
                    self._fail(place, what, called)
        for called, unwanted in line.unseen.items():
            pieces = shown(events, self.people[called].id)
            for index, words in enumerate(unwanted):
                if is_among(words, pieces):
                    what = message('"{name}" sees "{words}", but should not', name=called, words=words)
                    self._fail((*at, "unseen", called, index), what, called)

    async def _inspect(self, at: Location) -> None:
        """Report what went wrong inside of the bot, which nobody in the scenario may see."""
        bot_id = self.simulation.app.bot.id
        if await self.simulation.app.runner.run(lambda tx: quarantine.count(tx, bot_id)):
            self._fail(at, message("an error in the bot: it cannot handle this"))
            raise _StopError
        refused = [
            call.error
            for call in self.simulation.emulator.journal.calls(accepted=False)
            if not any(words in call.error for words in _EXPECTED_ERRORS)
        ]
        if refused and not self.troubled:
            self._fail(at, message("Telegram refuses what the bot sends: {reason}", reason=refused[0]))
            raise _StopError

    def _fail(self, at: Location, what: Message, called: str = "", hint: Message | None = None) -> None:
        came = Transcript(self.people[called]).text(self.since) if called else ""
        self.failures.append(Failure(Problem(self.scenario.position(at), what, hint), came))
