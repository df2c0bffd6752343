"""The table of events says what the code can log: every event, at its levels, with its fields."""

from __future__ import annotations

import re

import pytest

from bot.telemetry.log_context import FIELDS
from engine.domain_events import REFUSAL
from tests.test_docs.logged import ROOT, ROWS, SECTION, Logged, documented, logged, refusals

TABLE = documented()
REASONS = SECTION.partition("| reason of `refused` |")[2]
CODE = logged() | {REFUSAL: Logged({"info"}, {"request_id", "user_id", "reason"})}


def test_every_event_is_in_the_table_once_and_none_besides() -> None:
    assert sorted(name for name, *_ in ROWS) == sorted(CODE)


@pytest.mark.parametrize("name", sorted(CODE))
def test_the_table_says_at_which_levels_and_with_which_fields_an_event_comes(name: str) -> None:
    said, known = TABLE[name], CODE[name]
    assert said.levels == known.levels
    assert known.fields <= said.fields
    assert known.is_open or said.fields == known.fields


def test_every_reason_of_a_refusal_is_explained() -> None:
    explained = re.findall(r"^\| (`[^|]+`) \|", REASONS, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(explained))) == refusals()


def test_the_ids_that_every_line_bears_are_named() -> None:
    assert set(FIELDS) - set(re.findall(r"`(\w+)`", SECTION)) == set()


def test_nothing_is_logged_past_structlog() -> None:
    past = {
        path.name
        for folder in ("bot", "storage", "engine")
        for path in (ROOT / folder).rglob("*.py")
        if "logging.getLogger" in path.read_text(encoding="utf-8")
    }
    # They set libraries' levels, hang Sentry on, and give aiohttp a logger that it never writes to.
    assert past == {"logs.py", "sentry.py", "listening.py"}
