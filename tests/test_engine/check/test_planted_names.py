"""Names that nothing bears, planted in the shipped flows one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "a misspelt step",
        "admin.yaml",
        "go: main.menu",
        "go: main.menue",
        ('admin.yaml:24:28: unknown step "main.menue"; did you mean "main.menu"?',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_name_that_nothing_bears_is_reported_once_where_it_stands(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
