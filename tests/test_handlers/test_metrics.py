"""What `/metrics` says: how long things take, how often Telegram asks for silence, how much waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.ingress.feeding import Feeder
from bot.units.unit import UnitOfWork
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from storage.errors import StorageUnavailable
from storage.timers import MOST_TRIES

if TYPE_CHECKING:
    from tests.conversation import Actor, Town
    from tests.test_handlers.conftest import Trouble


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give what the handling of updates is measured with."""
    given = [100.0]
    monkeypatch.setattr(Feeder, "now", staticmethod(lambda: given[0]))
    return given


def value(town: Town, name: str, **labels: str) -> float | None:
    """Return one number as a scrape would see it, None where there is no such series."""
    return town.app.metrics.registry.get_sample_value(name, labels)


async def scrape(town: Town) -> None:
    """Let the gauges be read."""
    town.app.gauges.show(await town.app.health.look(), await town.app.health.checks())


async def test_handling_is_measured_from_the_arrival_to_after_the_commit_with_the_wait_for_its_turn(
    town: Town, anna: Actor, trouble: Trouble, seconds: list[float]
) -> None:
    def explode(_context: Context) -> None:
        seconds[0] += 3

    await trouble(explode)
    anna.person.say("/explode")
    anna.person.say("/explode")
    await town.settle()
    assert value(town, "update_handling_seconds_count") == 2
    assert value(town, "update_handling_seconds_sum") == 3 + 6


async def test_an_update_that_waits_for_the_database_is_measured_once_with_its_wait(
    town: Town, anna: Actor, trouble: Trouble, seconds: list[float]
) -> None:
    tries = []

    def explode(_context: Context) -> None:
        seconds[0] += 3
        tries.append(seconds[0])
        if len(tries) == 1:
            raise StorageUnavailable("gone")

    await trouble(explode)
    await anna.say("/explode")
    assert value(town, "update_handling_seconds_count") == 1
    assert value(town, "update_handling_seconds_sum") == 6
    assert value(town, "updates_total", kind="message", outcome="unavailable") == 1
    assert value(town, "updates_total", kind="message", outcome="handled") == 1


async def test_an_update_costs_one_commit_that_is_measured(city: Town) -> None:
    vera = city.person(1003, "Вера", "Белова")
    await vera.say("/new")
    before = value(city, "commit_seconds_count") or 0
    vera.person.say("Течёт кран")
    await city.app.poller.poll(timeout=0)
    assert value(city, "commit_seconds_count") == before + 1


async def test_the_silence_that_telegram_asks_for_is_measured_for_messages_and_for_answers(
    town: Town, anna: Actor
) -> None:
    await anna.say("/start")
    town.emulator.faults.add("429", "answerCallbackQuery", retry_after=4)
    await anna.press("Помощь")
    await town.app.handlers.drain()
    town.emulator.faults.add("429", "sendMessage", retry_after=40)
    await anna.say("/menu")
    assert value(town, "retry_after_seconds_count") == 2
    assert value(town, "retry_after_seconds_sum") == 44
    assert value(town, "sends_total", method="sendMessage", result="retry_after") == 1
    assert value(town, "sends_total", method="answerCallbackQuery", result="retry_after") == 1
    await anna.press("Меню")
    await town.app.handlers.drain()
    assert value(town, "sends_total", method="answerCallbackQuery", result="ok") == 1


async def test_unfinished_requests_are_shown_by_status_and_priority_and_finished_ones_are_not(
    city: Town,
) -> None:
    anna, sergey = city.person(1001, "Анна", "Петрова"), await city.arrive(2001, "Сергей", "Иванов")
    await anna.submit(times=2)
    await anna.submit("Искрит розетка", urgency="Срочно")
    await scrape(city)
    assert value(city, "requests_unfinished", status="open", priority="medium") == 2
    assert value(city, "requests_unfinished", status="open", priority="high") == 1
    await sergey.press_on(sergey.card(1), "🔧 Взять")
    await anna.press("Отменить заявку")
    await city.restart()
    await scrape(city)
    assert value(city, "requests_unfinished", status="open", priority="medium") == 1
    assert value(city, "requests_unfinished", status="in_progress", priority="medium") == 1
    assert value(city, "requests_unfinished", status="open", priority="high") is None


async def test_a_timer_that_does_not_go_off_shows(town: Town, anna: Actor) -> None:
    await anna.submit("Искрит розетка", urgency="Срочно")
    await scrape(town)
    assert value(town, "timers_overdue_seconds") == 0
    town.clock.advance(hours=4, seconds=90)
    await town.restart()
    await scrape(town)
    assert value(town, "timers_overdue_seconds") == 90


async def test_the_checks_of_readyz_are_gauges(town: Town) -> None:
    await scrape(town)
    assert value(town, "health_check_ok", check="database") == 1
    assert value(town, "health_check_ok", check="telegram") == 0


async def test_without_the_database_nobody_guesses_how_many_requests_wait(town: Town, anna: Actor) -> None:
    await anna.submit()
    await scrape(town)
    await town.restart()
    town.app.gauges.show(await town.app.health.look(), {})
    assert value(town, "requests_unfinished", status="open", priority="medium") == 1
    town.app.gauges.show(None, {})
    assert value(town, "requests_unfinished", status="open", priority="medium") is None


async def test_series_that_are_known_begin_at_zero_so_that_their_first_increase_is_seen(town: Town) -> None:
    assert value(town, "requests_created_total", priority="high") == 0
    assert value(town, "request_transitions_total", transition="take", outcome="late") == 0
    assert value(town, "updates_total", kind="callback_query", outcome="set_aside") == 0
    assert value(town, "updates_total", kind="other", outcome="set_aside") == 0
    assert value(town, "flow_reloads_total", outcome="refused") == 0
    assert value(town, "timer_failures_total", outcome="given_up") == 0


async def test_how_late_deadlines_go_off_is_measured(city: Town) -> None:
    await city.arrive(2001, "Сергей", "Иванов")
    await city.person(1001, "Анна", "Петрова").submit("Искрит розетка", urgency="Срочно")
    city.clock.advance(hours=4, seconds=90)
    await city.settle()
    assert value(city, "timer_lateness_seconds_count") == 1
    assert value(city, "timer_lateness_seconds_sum") == 90


async def test_how_late_reminders_go_off_is_measured(city: Town) -> None:
    await city.person(1001, "Анна", "Петрова").draft()
    city.clock.advance(days=1, seconds=7)
    await city.settle()
    assert value(city, "timer_lateness_seconds_count") == 1
    assert value(city, "timer_lateness_seconds_sum") == 7


async def test_timers_that_raise_are_counted_as_retried_until_they_are_given_up(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    await anna.draft()
    town.clock.advance(days=1)
    monkeypatch.setattr(UnitOfWork, "elapse", explode)
    for seconds in (0, 15, 60, 240, 960):
        town.clock.advance(seconds=seconds)
        await town.settle()
    assert value(town, "timer_failures_total", outcome="retried") == MOST_TRIES - 1
    assert value(town, "timer_failures_total", outcome="given_up") == 1
    assert value(town, "timer_lateness_seconds_count") == 0


async def test_a_timer_that_raised_and_is_due_no_more_has_not_failed(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        town.clock.advance(days=-1)
        raise ZeroDivisionError

    await anna.draft()
    town.clock.advance(days=1)
    monkeypatch.setattr(UnitOfWork, "elapse", explode)
    await town.settle()
    assert value(town, "timer_failures_total", outcome="retried") == 0
