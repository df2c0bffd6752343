"""What `/metrics` says: how long things take, how often Telegram asks for silence, how much waits."""

from __future__ import annotations

import math
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING

import pytest

from bot.handlers.update_handler import UpdateHandler
from bot.ingress.update_processor import UpdateProcessor
from engine.running.context import Context  # noqa: TC001 - the registry reads the annotation
from storage.database.errors import StorageUnavailable
from storage.dialogs import quarantine
from storage.dialogs.timers import MOST_TRIES
from storage.outbox import dead_letters, messages
from storage.outbox.messages import Outgoing

if TYPE_CHECKING:
    from tests.conversation import Actor, Town
    from tests.trouble import Trouble


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give what the handling of updates is measured with."""
    given = [100.0]
    monkeypatch.setattr(UpdateProcessor, "now", staticmethod(lambda: given[0]))
    return given


def value(town: Town, name: str, **labels: str) -> float | None:
    """Return one number as a scrape would see it, None where there is no such series."""
    return town.app.metrics.registry.get_sample_value(name, labels)


async def scrape(town: Town) -> None:
    """Let the gauges be read."""
    town.app.gauges.show(await town.app.health.inspect(), await town.app.health.checks())


async def test_handling_is_measured_from_the_arrival_to_after_the_commit_with_the_wait_for_its_turn(
    town: Town, anna: Actor, trouble: Trouble, seconds: list[float]
) -> None:
    def explode(_context: Context) -> None:
        seconds[0] += 3

    await trouble(explode)
    anna.person.say("/explode")
    anna.person.say("/explode")
    await town.until_idle()
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


async def test_what_telegram_refuses_for_good_is_counted_and_shown_until_somebody_deals_with_it(
    city: Town,
) -> None:
    anna = await city.arrive(1001, "Анна", "Петрова")
    await city.arrive(2001, "Сергей", "Иванов")
    city.emulator.faults.add("400", "sendMessage", 2001, description="message is too long")
    await anna.submit()
    city.emulator.faults.add("400", "sendMessage", 1001, description="can't parse entities")
    await anna.say("/menu")
    await scrape(city)
    assert value(city, "undelivered_total", reason="refused") == 2
    assert value(city, "undelivered_total", reason="given_up") == 0
    assert value(city, "dead_letters") == 2
    await city.app.runner.run(lambda tx: dead_letters.drop(tx, [each.id for each in dead_letters.kept(tx)]))
    await city.restart()
    await scrape(city)
    assert value(city, "dead_letters") == 0


async def test_what_fails_every_time_by_a_mistake_of_ours_is_counted_as_given_up(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    broken = Outgoing(town.app.bot.id, 1001, "noSuchMethod", {"call": {"text": "Течёт кран"}})
    await town.app.runner.run(lambda tx: messages.put(tx, broken))
    for _ in range(5):
        await town.until_idle()
        town.clock.advance(seconds=20)
    await scrape(town)
    assert value(town, "undelivered_total", reason="given_up") == 1
    assert value(town, "dead_letters") == 1


async def test_who_blocked_the_bot_and_an_edit_of_a_message_that_is_gone_leave_no_dead_letter(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    town.emulator.faults.add("400", "editMessageText", 2001, description="message to edit not found")
    await anna.press("Отменить заявку")
    assert value(town, "sends_total", method="editMessageText", result="refused") == 1
    sergey.person.block()
    await anna.submit()
    assert value(town, "sends_total", method="sendMessage", result="forbidden") == 1
    await scrape(town)
    assert value(town, "undelivered_total", reason="refused") == 0
    assert value(town, "dead_letters") == 0


async def test_updates_that_were_set_aside_show_until_they_are_fed_again_or_forgotten(city: Town) -> None:
    city.emulator.push_raw({"message": 5})
    await city.until_idle()
    await scrape(city)
    assert value(city, "poisonous_updates") == 1
    await city.app.runner.run(lambda tx: quarantine.drop(tx, [each.id for each in quarantine.kept(tx)]))
    await city.restart()
    await scrape(city)
    assert value(city, "poisonous_updates") == 0


async def test_which_version_runs_is_shown(town: Town) -> None:
    assert value(town, "build_info", version=version("zavhoz"), python=python_version()) == 1


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
    town.app.gauges.show(await town.app.health.inspect(), {})
    assert value(town, "requests_unfinished", status="open", priority="medium") == 1
    town.app.gauges.show(None, {})
    assert value(town, "requests_unfinished", status="open", priority="medium") is None
    assert math.isnan(value(town, "dead_letters") or 0)
    assert math.isnan(value(town, "poisonous_updates") or 0)


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
    await city.until_idle()
    assert value(city, "timer_lateness_seconds_count") == 1
    assert value(city, "timer_lateness_seconds_sum") == 90


async def test_how_late_reminders_go_off_is_measured(city: Town) -> None:
    await city.person(1001, "Анна", "Петрова").draft()
    city.clock.advance(days=1, seconds=7)
    await city.until_idle()
    assert value(city, "timer_lateness_seconds_count") == 1
    assert value(city, "timer_lateness_seconds_sum") == 7


async def test_timers_that_raise_are_counted_as_retried_until_they_are_given_up(
    town: Town, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    await anna.draft()
    town.clock.advance(days=1)
    monkeypatch.setattr(UpdateHandler, "elapse", explode)
    for seconds in (0, 15, 60, 240, 960):
        town.clock.advance(seconds=seconds)
        await town.until_idle()
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
    monkeypatch.setattr(UpdateHandler, "elapse", explode)
    await town.until_idle()
    assert value(town, "timer_failures_total", outcome="retried") == 0
