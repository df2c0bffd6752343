"""What an operator sets wrongly is named in one line, without a traceback and without a secret."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from bot.settings import read_settings
from storage.migrate import upgrade
from storage.process_lock import hold_single_process_lock
from tests.stand import TOKEN, Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from tests.test_cli.conftest import Zavhoz

NOBODY_LISTENS = "postgresql://zavhoz:s3cret@127.0.0.1:1/zavhoz"

REFUSALS = [
    ({"BOT_TOKEN": "s3cret"}, "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    ({"BOT_TOKEN": f"{TOKEN}/s3cret"}, "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    ({"BOT_API_URL": "localhost:8081"}, "BOT_API_URL: expected an address such as http://127.0.0.1:8081"),
    ({"BOT_API_URL": "http://[::1"}, "BOT_API_URL: expected an address such as http://127.0.0.1:8081"),
    (
        {"DATABASE_URL": "mysql://zavhoz:s3cret@db/zavhoz"},
        "DATABASE_URL: names an unknown database, 'mysql'; try sqlite:///… or postgresql://…",
    ),
    (
        {"DATABASE_URL": "postgresql://zavhoz:s3cret"},
        "DATABASE_URL: is no URL; try sqlite:///zavhoz.db or postgresql://…",
    ),
    (
        {"DATABASE_URL": "sqlite://"},
        "DATABASE_URL: keeps the data in memory only; name a file, as in sqlite:///zavhoz.db",
    ),
    ({"TIMEZONE": "Moscow"}, "TIMEZONE: unknown time zone 'Moscow'; expected one such as Europe/Moscow"),
    ({"TIMEZONE": "../../etc/passwd"}, "TIMEZONE: unknown time zone '../../etc/passwd'; expected one such as"),
    ({"FLOWS_DIR": "nowhere/flows"}, "FLOWS_DIR: there is no folder nowhere/flows"),
    ({"ADMIN_IDS": "1001;2002"}, "ADMIN_IDS: expected Telegram ids with commas between them, such as 1001,2002"),
    ({"HTTP_PORT": "http"}, "HTTP_PORT: Input should be a valid integer"),
    ({"HTTP_PORT": "65536"}, "HTTP_PORT: Input should be less than or equal to 65535"),
    ({"HTTP_HOST": "bot..example.org"}, "HTTP_HOST: 'bot..example.org' is no name of a host"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT: Input should be 'console', 'json' or 'ecs'"),
    *(
        ({"WEBHOOK_URL": url}, "WEBHOOK_URL: expected the https address that Telegram calls, such as https://bot.")
        for url in ("http://bot.example.org/s3cret", "bot.example.org/s3cret", "https://", "https://[s3cret")
    ),
    (
        {"WEBHOOK_URL": "https://bot.example.org/readyz"},
        "WEBHOOK_URL: its path is one of the bot's own, /livez, /metrics, /readyz; choose another",
    ),
    *(
        ({"WEBHOOK_URL": f"https://bot.example.org/{path}"}, "WEBHOOK_URL: its path holds { or }; choose another")
        for path in ("{s3cret", "{s3cret}", "s3cret}")
    ),
    (
        {"DATABASE_URL": "postgresql://bot:s3cret@db/zavhoz?connect_timeout=3"},
        "DATABASE_URL: has an unknown 'connect_timeout'; known are host, passfile, port, service, servicefile, ssl, ",
    ),
    *(
        ({"SENTRY_DSN": dsn}, "SENTRY_DSN: expected a DSN such as https://key@sentry.example.org/1")
        for dsn in ("s3cret", "https://sentry.example.org/1", "https://s3cret@sentry.example.org/", "ftp://k@s/1")
    ),
    ({"WEBHOOK_SECRET": "s3cret с кириллицей"}, "WEBHOOK_SECRET: expected 1 to 256 of A-Z, a-z, 0-9, _ and -"),
    ({"WEBHOOK_SECRET": "s3cret" * 43}, "WEBHOOK_SECRET: expected 1 to 256 of A-Z, a-z, 0-9, _ and -"),
    ({"TIMEZONE": "Mars", "HTTP_PORT": "-1"}, "HTTP_PORT: Input should be greater than or equal to 0; TIMEZONE:"),
]
"""Settings, and the beginning of what is said to them."""


@pytest.mark.parametrize(("given", "said"), REFUSALS, ids=[" ".join(given) for given, _ in REFUSALS])
def test_a_setting_that_cannot_be_used_is_named_in_one_line(zavhoz: Zavhoz, given: dict[str, str], said: str) -> None:
    assert_refused(zavhoz("run", **given), said)


def test_settings_are_read_from_a_file_in_the_working_directory(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / ".env").write_text("TIMEZONE=Mars\n")
    assert_refused(zavhoz("run"), "TIMEZONE: unknown time zone 'Mars'")


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text(
        "TIMEZONE=Asia/Omsk\nADMIN_IDS= 1001, 5000000000 ,\nLOG_LEVEL=debug\nLOG_FORMAT=JSON\n"
    )
    monkeypatch.setenv("TIMEZONE", "Asia/Tomsk")
    monkeypatch.setenv("BOT_TOKEN", "")

    settings = read_settings()

    assert settings.zone.key == "Asia/Tomsk"
    assert settings.admin_ids == {1001, 5_000_000_000}
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")
    assert settings.bot_token is None


def test_a_file_that_is_no_text_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / ".env").write_bytes("TIMEZONE=Европа".encode("cp1251"))
    assert_refused(zavhoz("run"), ".env is not written in UTF-8")


def test_a_token_is_not_shown_with_the_settings(folder: Path) -> None:
    assert TOKEN.partition(":")[2] not in repr(read_settings(bot_token=TOKEN))


def test_a_folder_that_is_not_there_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    result = zavhoz("run", BOT_TOKEN=TOKEN, DATABASE_URL=f"sqlite:///{folder}/missing/zavhoz.db")
    assert_refused(result, f"cannot use the database: {folder}/missing/zavhoz.db.lock: No such file or directory")


def test_a_file_that_is_no_database_is_left_as_it_is(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "zavhoz.db").write_text("Dear diary, " * 50)
    result = zavhoz("run", BOT_TOKEN=TOKEN)
    assert_refused(result, "cannot use the database: DatabaseError: file is not a database")
    assert (folder / "zavhoz.db").read_text() == "Dear diary, " * 50


def test_a_database_of_a_newer_bot_is_left_alone(zavhoz: Zavhoz, folder: Path) -> None:
    upgrade("sqlite:///zavhoz.db")
    with closing(sqlite3.connect(folder / "zavhoz.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '999'")
    assert_refused(zavhoz("run", BOT_TOKEN=TOKEN), "the database does not fit this version of the bot: Can't locate")


def test_postgresql_that_cannot_be_reached_is_named_without_its_password(zavhoz: Zavhoz) -> None:
    result = zavhoz("run", BOT_TOKEN=TOKEN, DATABASE_URL=NOBODY_LISTENS)
    assert_refused(result, "cannot use the database: ConnectionRefusedError: ")


def test_a_second_process_on_the_same_file_is_told_of_the_first(zavhoz: Zavhoz) -> None:
    with hold_single_process_lock("sqlite:///zavhoz.db"):
        result = zavhoz("run", BOT_TOKEN=TOKEN)
    assert_refused(result, f"another bot (process {os.getpid()}) works on zavhoz.db")


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_port_that_is_taken_is_named(zavhoz: Zavhoz, token: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = zavhoz("run", HTTP_PORT=str(port), BOT_TOKEN=token)
    assert_refused(result, f"cannot listen on 127.0.0.1:{port}: Address already in use; try another HTTP_PORT")


def test_a_host_that_nobody_knows_is_named(zavhoz: Zavhoz) -> None:
    result = zavhoz("run", HTTP_HOST="nowhere.invalid", HTTP_PORT="0")
    assert_refused(result, "cannot listen on nowhere.invalid:0: ")


def test_a_token_that_telegram_does_not_know_ends_the_bot(zavhoz: Zavhoz, stand_url: str) -> None:
    stranger = TOKEN.replace("0001", "0002")
    result = zavhoz("run", BOT_TOKEN=stranger, BOT_API_URL=stand_url, HTTP_PORT="0")
    assert result.stdout.startswith("The bot is running.")
    assert stranger.partition(":")[2] not in result.output
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("zavhoz: Telegram does not know this BOT_TOKEN")
    assert "Traceback" not in result.stderr


def test_a_webhook_address_that_telegram_does_not_take_ends_the_bot(zavhoz: Zavhoz, stand_url: str) -> None:
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": stand_url, "HTTP_PORT": "0"}
    result = zavhoz("run", **given, WEBHOOK_URL="https://bot.example.org:4443/telegram")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "zavhoz: Telegram does not take this WEBHOOK_URL: "
        "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    )


@pytest.fixture
def stand_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stand in another process whose bot has `TOKEN`."""
    logs = tmp_path_factory.mktemp("stand")
    # A runner of its own: asyncio.run would take the other tests' event loop away.
    loops = asyncio.Runner(loop_factory=asyncio.new_event_loop)
    with Process(logs, logs, "bot.local", "--port", "0") as stand, loops as runner:
        url = runner.run(stand.says(r"http://\S+"))
        urlopen(f"{url}/bot{TOKEN}/getMe").close()  # noqa: S310 - our own process
        yield url
        assert runner.run(stand.stop(signal.SIGTERM))[0] == 0


def assert_refused(result: Result, said: str) -> None:
    """One line on standard error, exit code 2, nothing else, no secret."""
    assert result.exit_code == 2
    assert result.stderr.startswith(f"zavhoz: {said}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert "s3cret" not in result.output
