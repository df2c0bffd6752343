"""The command line in an empty folder, with no setting but those a test gives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


class Zavhoz(Protocol):
    """Runs `zavhoz <words>` with these settings in the environment."""

    def __call__(self, *words: str, **settings: str) -> Result: ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without settings."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def zavhoz(folder: Path, logs_as_before: None) -> Zavhoz:
    """The command line."""

    def run(*words: str, **settings: str) -> Result:
        return CliRunner().invoke(app, words, env=settings)

    return run
