"""The course of a bench: everybody is warmed up, then takes part in every round, one after the other."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import TYPE_CHECKING

from bench.talk import UPDATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.contender import Contender

_people = count(1_000_001)


@dataclass(frozen=True, slots=True)
class Course:
    """How long a bench is: so many `rounds` of `dialogs`, of which `in_flight` run at the same time."""

    rounds: int
    dialogs: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Score:
    """Updates a second of one contender in each round, and its calls of the Bot API per update."""

    contender: Contender
    rates: Sequence[float]
    calls: float

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return median(self.rates)


async def compete(contenders: Sequence[Contender], course: Course) -> list[Score]:
    """Run the bench; RuntimeError where a contender has not filed what it was asked to file."""
    rates: dict[Contender, list[float]] = {contender: [] for contender in contenders}
    for number in range(course.rounds + 1):
        for contender in contenders:
            rate = await _round(contender, course)
            if number:
                rates[contender].append(rate)
    scores = []
    for contender in contenders:
        asked, filed = (course.rounds + 1) * course.dialogs, await contender.filed()
        if filed != asked:
            raise RuntimeError(f"{contender.name}: {filed} requests filed instead of {asked}")
        scores.append(Score(contender, rates[contender], contender.telegram.calls / (asked * (UPDATES + 1))))
    return scores


async def _round(contender: Contender, course: Course) -> float:
    """Let people who are known but have filed nothing yet file one request each; return the updates a second."""
    people = [next(_people) for _ in range(course.dialogs)]
    await contender.begin()
    await _all(course.in_flight, (contender.talk.say(person, "/start") for person in people))
    gc.collect()
    started = time.perf_counter()
    await _all(course.in_flight, (contender.talk.file_request(person) for person in people))
    await contender.finish()
    return course.dialogs * UPDATES / (time.perf_counter() - started)


async def _all(in_flight: int, tasks: Iterable[object]) -> None:
    """Carry out coroutines, so many at the same time."""
    waiting = iter(tasks)

    async def work() -> None:
        for each in waiting:
            await each  # type: ignore[misc]

    await asyncio.gather(*(work() for _ in range(in_flight)))
