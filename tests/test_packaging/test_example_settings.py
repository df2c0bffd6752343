"""`.env.example` has every setting, with what holds without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.settings import OF_COMPOSE, Settings, read_settings
from tests.processes import ROOT

if TYPE_CHECKING:
    import pytest

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def settings_of_the_example() -> dict[str, str]:
    """Each setting with its value, also of those that stand in a comment."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_the_example_has_every_setting_with_its_default() -> None:
    given = settings_of_the_example()
    assert set(given) - OF_COMPOSE == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        shown = given[name.upper()]
        # No value is no setting, and stands for what has no short word: none, or the flows shipped.
        assert not shown or shown.lower() == str(field.default).lower()


def test_what_compose_asks_for_is_known_as_its_own_or_the_bots() -> None:
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert asked - {name.upper() for name in Settings.model_fields} == OF_COMPOSE


def test_the_example_as_it_is_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings_of_the_example():
        monkeypatch.delenv(name, raising=False)
    plain = read_settings(env_file=None)
    shown = re.sub(r"^#([A-Z_]+=)", r"\1", EXAMPLE, flags=re.MULTILINE)
    for name, value in re.findall(r"^([A-Z_]+)=(.*)$", shown, re.MULTILINE):
        monkeypatch.setenv(name, value)
    assert read_settings(env_file=None) == plain
