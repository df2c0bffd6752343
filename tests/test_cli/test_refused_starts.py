"""A bot that cannot start with its settings says so in one line, as a process of its own, and ends with exit code 2."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.stand import TOKEN, Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFUSED = {
    "BOT_TOKEN": ("s3cret", "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    "DATABASE_URL": (
        "oracle://bot:s3cret@db/zavhoz",
        "DATABASE_URL: names an unknown database, 'oracle'; try sqlite:///",
    ),
    "FLOWS_DIR": ("nowhere", "FLOWS_DIR: there is no folder nowhere"),
    "SENTRY_DSN": ("s3cret", "SENTRY_DSN: expected a DSN such as https://key@sentry.example.org/1"),
    "LOG_FORMAT": ("xml", "LOG_FORMAT: Input should be 'console', 'json' or 'ecs'"),
    "WEBHOOK_URL": ("http://bot.example.org/s3cret", "WEBHOOK_URL: expected the https address that Telegram calls"),
}
CANNOT = "cannot use the database: "
UNUSABLE = {
    "no file": ("sqlite:///.", "DATABASE_URL: names a folder; name a file, as in sqlite:///zavhoz.db"),
    "a folder": ("sqlite:///logs", f"{CANNOT}OperationalError: unable to open database file"),
    "a path that leads nowhere": ("sqlite:///nowhere/zavhoz.db", f"{CANNOT}nowhere/zavhoz.db.lock: No such file"),
    "a file of something else": ("sqlite:///diary.db", f"{CANNOT}DatabaseError: file is not a database"),
    "a way to encrypt that there is none of": (
        "postgresql://bot:s3cret@127.0.0.1:1/zavhoz?sslmode=much",
        f"{CANNOT}InterfaceError: `sslmode` parameter must be one of: disable, ",
    ),
    "a server without a name": ("postgresql://bot:s3cret@a..b/zavhoz", f"{CANNOT}UnicodeError: "),
    "a server that is down": ("postgresql://bot:s3cret@127.0.0.1:1/zavhoz", f"{CANNOT}ConnectionRefusedError: "),
}


async def refusal(folder: Path, **settings: str) -> str:
    """Start a bot in a folder and return its one line, without the name of the program."""
    (folder / "diary.db").write_text("Dear diary, " * 50)
    with Process(folder / "logs", folder, "bot", "run", **{"BOT_TOKEN": TOKEN, "HTTP_PORT": "0", **settings}) as bot:
        assert await bot.ends() == 2
        [line] = bot.err.splitlines()
        assert bot.out == ""
    assert line.startswith("zavhoz: ")
    assert "s3cret" not in line
    return line.removeprefix("zavhoz: ")


@pytest.mark.parametrize("name", REFUSED)
async def test_a_setting_that_cannot_be_used_ends_the_process_with_one_line(name: str, tmp_path: Path) -> None:
    value, said = REFUSED[name]
    assert (await refusal(tmp_path, **{name: value})).startswith(said)


@pytest.mark.parametrize("what", UNUSABLE)
async def test_a_database_that_cannot_be_opened_ends_the_process_with_one_line(what: str, tmp_path: Path) -> None:
    url, said = UNUSABLE[what]
    assert (await refusal(tmp_path, DATABASE_URL=url)).startswith(said)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("form", ["console", "json", "ecs"])
async def test_a_port_that_is_taken_ends_the_process_with_one_line(taken: int, form: str, tmp_path: Path) -> None:
    said = await refusal(tmp_path, HTTP_PORT=str(taken), LOG_FORMAT=form)
    assert said == f"cannot listen on 127.0.0.1:{taken}: Address already in use; try another HTTP_PORT"
