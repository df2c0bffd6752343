"""promtool, where it is installed, judges the metrics, the rules and Prometheus' settings."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.monitoring import CONFIG, RULES, RULES_TESTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conversation import Town

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian's package prometheus)")


def promtool(*words: str | Path, given: bytes = b"") -> None:
    """Run promtool; what it complains of fails the test."""
    done = subprocess.run(  # noqa: S603 - our own words
        [str(PROMTOOL), *map(str, words)], input=given, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert b"WARNING" not in done.stdout + done.stderr


async def test_the_metrics_of_a_bot_at_work_follow_the_conventions(town: Town) -> None:
    anna = town.person(1001, "Анна", "Петрова")
    await anna.submit()
    await anna.press("Отменить заявку")
    town.emulator.push_raw({"message": 5})
    await town.until_idle()
    town.app.gauges.show(await town.app.health.inspect(), await town.app.health.checks())
    promtool("check", "metrics", given=town.app.metrics.text())


def test_the_settings_of_prometheus_are_valid() -> None:
    promtool("check", "config", CONFIG)


def test_the_alert_rules_are_valid() -> None:
    promtool("check", "rules", "--lint-fatal", RULES)


def test_every_alert_fires_when_it_should_and_only_then() -> None:
    promtool("test", "rules", RULES_TESTS)
