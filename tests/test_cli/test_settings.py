"""What an operator sets wrongly is named in one line, without a traceback and without a secret."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.settings import read_settings
from storage.database.migrate import upgrade
from storage.database.process_lock import acquire_process_lock
from tests.processes import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.test_cli.conftest import Zavhoz

NOBODY_LISTENS = "postgresql://zavhoz:s3cret@127.0.0.1:1/zavhoz"

REFUSALS = [
    ({"BOT_TOKEN": "s3cret"}, "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    ({"BOT_TOKEN": f"{TOKEN}/s3cret"}, "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    *(
        ({"BOT_API_URL": url}, "BOT_API_URL: expected an address such as http://127.0.0.1:8081")
        for url in (
            "localhost:8081",
            "http://[::1",
            "http://h/{x}",
            "http://h/a b",
            "http://a b",
            "http://h\n",
            "http://h?x",
        )
    ),
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
    *(
        ({"ADMIN_IDS": ids}, "ADMIN_IDS: expected Telegram ids of people with commas between them, such as 1001,2002")
        for ids in ("1001;2002", "0", "-100500", "@anna", str(2**63), "9" * 5000, "\u0661")
    ),
    *(
        ({"HTTP_PORT": port}, "HTTP_PORT: expected a number from 0 to 65535, such as 8080; 0 takes a free port")
        for port in ("http", "65536", "-1", "80.0", "8_080", "9" * 5000, "\u0661")
    ),
    *(
        ({"HTTP_HOST": host}, "HTTP_HOST: expected an address of this computer, no http:// and no port, such as 127.0")
        for host in ("bot..example.org", "[::1]", "127.0.0.1:8080", "http://127.0.0.1", "my host", "h" * 300, "a/b")
    ),
    ({"FLOWS_TELL_OWNERS": "da"}, "FLOWS_TELL_OWNERS: expected true or false"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: expected DEBUG, INFO, WARNING or ERROR"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT: expected console, json or ecs"),
    *(
        ({"SENTRY_ENVIRONMENT": name}, "SENTRY_ENVIRONMENT: expected at most 64 characters without blanks and /, and")
        for name in ("\udcff", "my server", "a/b", "a\nb", "None", "n" * 65)
    ),
    ({"LOG_FORMAT": "\udcff"}, "LOG_FORMAT: expected console, json or ecs"),
    ({"FLOWS_DIR": "\udcff"}, "FLOWS_DIR: there is no folder \ufffd; name a folder of flows, such as /etc/"),
    *(
        ({"WEBHOOK_URL": url}, "WEBHOOK_URL: expected the https address that Telegram calls, such as https://bot.")
        for url in ("http://bot.example.org/s3cret", "bot.example.org/s3cret", "https://", "https://[s3cret")
    ),
    (
        {"WEBHOOK_URL": "https://bot.example.org/readyz"},
        "WEBHOOK_URL: its path is one of the bot's own, /livez, /metrics, /readyz; choose another, such as /telegram",
    ),
    (
        {"WEBHOOK_URL": "https://bot.example.org:4443/telegram"},
        "WEBHOOK_URL: Telegram calls the ports 443, 80, 88 and 8443 alone, not 4443; choose one of them",
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
        for dsn in (
            "https://s3cret@sentry example.org/1",
            "https://s3 cret@h/1",
            "s3cret",
            "https://sentry.example.org/1",
            "https://s3cret@sentry.example.org/",
            "ftp://k@s/1",
        )
    ),
    ({"WEBHOOK_SECRET": "s3cret с кириллицей"}, "WEBHOOK_SECRET: expected 1 to 256 of A-Z, a-z, 0-9, _ and -"),
    ({"WEBHOOK_SECRET": "s3cret" * 43}, "WEBHOOK_SECRET: expected 1 to 256 of A-Z, a-z, 0-9, _ and -"),
    ({"TIMEZONE": "Mars", "LOG_FORMAT": "xml"}, "TIMEZONE: unknown time zone 'Mars'; expected one such as Europe/"),
    ({"TIMEZONE": "Mars\nVenus"}, "TIMEZONE: unknown time zone 'Mars\\nVenus'; expected one such as Europe/Moscow"),
]
"""Settings, and the beginning of what is said to them."""
JARGON = re.compile(r"Input should|valid (integer|string)|Value error|validation error|literal_error|\bErrno\b|Error\b")
ADVICE = re.compile(r"such as|as in|try |choose|expected|gives one|name a |known are|write it in")


@pytest.mark.parametrize(("given", "said"), REFUSALS, ids=[" ".join(given) for given, _ in REFUSALS])
def test_a_setting_that_cannot_be_used_is_named_in_one_line(zavhoz: Zavhoz, given: dict[str, str], said: str) -> None:
    result = zavhoz("run", **given)
    assert_refused(result, said)
    assert not JARGON.search(result.stderr)
    assert ADVICE.search(result.stderr)


@pytest.mark.parametrize("lines", ["LOG_LEVEL=LOUD\nHTTP_PORT=http", "HTTP_PORT=http\nLOG_LEVEL=LOUD"])
def test_all_settings_that_cannot_be_used_are_named_in_one_line(zavhoz: Zavhoz, folder: Path, lines: str) -> None:
    (folder / ".env").write_text(f"{lines}\n")
    said = "HTTP_PORT: expected a number from 0 to 65535, such as 8080; 0 takes a free port; LOG_LEVEL: expected DEBUG"
    assert_refused(zavhoz("run"), said)


def test_a_folder_without_flows_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "empty" / "main.yml").touch()
    said = "FLOWS_DIR: the folder empty holds no *.yaml file; name a folder of flows, such as /etc/zavhoz/flows"
    assert_refused(zavhoz("run", FLOWS_DIR="empty"), said)


IN_FILES = [
    ("BOT_TOKEN 1234:s3cret", ".env:1: BOT_TOKEN cannot be read; write a name, = and a value, as in HTTP_PORT=8080"),
    ("# ours\n\n\nBOT_TOKEN", ".env:4: BOT_TOKEN cannot be read; write a name, = and a value"),
    ("export bot_token: 1234:s3cret", ".env:1: BOT_TOKEN cannot be read; write a name, = and a value"),
    ("BOT_TOKEN:1234:s3cret", ".env:1: BOT_TOKEN cannot be read; write a name, = and a value"),
    ("1234:s3cret", ".env:1: this line cannot be read; write a name, = and a value"),
    ('HTTP_PORT=0\nBOT_TOKEN="1234:s3cret', ".env:2: BOT_TOKEN cannot be read; write a name, = and a value, as in "),
    ("HTTP_PROT=9090", ".env:1: there is no setting HTTP_PROT; did you mean HTTP_PORT?"),
    ("LOGLEVEL=DEBUG", ".env:1: there is no setting LOGLEVEL; did you mean LOG_LEVEL?"),
    ("admin_id=1", ".env:1: there is no setting admin_id; did you mean ADMIN_IDS?"),
    ("ADMIN_IDS=\nADMIN_ID=1001", ".env:2: there is no setting ADMIN_ID; did you mean ADMIN_IDS?"),
    ("POSTGRES_PASWORD=s3cret", ".env:1: there is no setting POSTGRES_PASWORD; did you mean POSTGRES_PASSWORD?"),
    (
        "HTTP_PROT=9090\nLOGLEVEL=DEBUG",
        ".env:1: there is no setting HTTP_PROT; did you mean HTTP_PORT?; .env:2: there is no setting LOGLEVEL",
    ),
]
"""Files of settings, and the beginning of what is said to them."""


@pytest.mark.parametrize(("text", "said"), IN_FILES)
def test_a_mistake_in_the_file_of_settings_is_named_with_its_line(
    zavhoz: Zavhoz, folder: Path, text: str, said: str
) -> None:
    (folder / ".env").write_text(f"{text}\n")
    assert_refused(zavhoz("run"), said)


def test_what_other_programs_have_in_the_file_is_left_alone(folder: Path) -> None:
    others = "HTTP_PROXY HTTPS_PROXY WEBHOOK_HOST WEBHOOK_PORT LOG_FILE POSTGRES_USER TZ DATABASE_USER BOT_API_ID"
    ours = "POSTGRES_PASSWORD GRAFANA_PASSWORD DATABASE_URL"
    text = "".join(f"{name}=sqlite:///its.db\n" for name in (*others.split(), *ours.split()))
    (folder / ".env").write_text(f"\ufeff{text}export TIMEZONE='Asia/Omsk' # ours\n", "utf-8")
    settings = read_settings()
    assert (settings.database_url, settings.timezone) == ("sqlite:///its.db", "Asia/Omsk")


def test_the_environment_may_hold_other_programs_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROT", "9090")
    assert read_settings().http_port == 8080


def test_a_first_name_is_known_though_the_file_begins_with_a_mark_of_byte_order(folder: Path) -> None:
    (folder / ".env").write_text("\ufeffHTTP_PORT= 9090 \n", "utf-8")
    assert read_settings().http_port == 9090


def test_a_link_in_the_place_of_the_file_that_leads_nowhere_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / ".env").symlink_to("settings.env")
    assert_refused(zavhoz("run"), ".env: this link leads nowhere; make the file, or take the link away")


def test_a_folder_of_that_name_holds_no_settings(folder: Path) -> None:
    (folder / ".env").mkdir()
    assert read_settings().http_port == 8080


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / ".env").touch(mode=0o000)
    assert_refused(zavhoz("run"), ".env: this file cannot be read: Permission denied; let the bot's user read it")


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
    assert_refused(zavhoz("run"), ".env: this file is not in UTF-8; save it in UTF-8")


def test_a_token_is_not_shown_with_the_settings(folder: Path) -> None:
    assert TOKEN.partition(":")[2] not in repr(read_settings(bot_token=TOKEN))


def test_a_folder_that_is_not_there_is_named(zavhoz: Zavhoz, folder: Path) -> None:
    result = zavhoz("run", BOT_TOKEN=TOKEN, DATABASE_URL=f"sqlite:///{folder}/missing/zavhoz.db")
    assert_refused(result, f"DATABASE_URL: there is no folder {folder}/missing; make it, or use another one")


def test_a_file_that_is_no_database_is_left_as_it_is(zavhoz: Zavhoz, folder: Path) -> None:
    (folder / "zavhoz.db").write_text("Dear diary, " * 50)
    result = zavhoz("run", BOT_TOKEN=TOKEN)
    assert_refused(result, "DATABASE_URL: zavhoz.db is no SQLite database; name another file, such as sqlite:///")
    assert (folder / "zavhoz.db").read_text() == "Dear diary, " * 50


def test_a_database_of_a_newer_bot_is_left_alone(zavhoz: Zavhoz, folder: Path) -> None:
    upgrade("sqlite:///zavhoz.db")
    with closing(sqlite3.connect(folder / "zavhoz.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '999'")
    assert_refused(
        zavhoz("run", BOT_TOKEN=TOKEN), "DATABASE_URL: the schema has or is to get the revision 999, which this version"
    )


def test_postgresql_that_cannot_be_reached_is_named_without_its_password(zavhoz: Zavhoz) -> None:
    result = zavhoz("run", BOT_TOKEN=TOKEN, DATABASE_URL=NOBODY_LISTENS)
    assert_refused(result, "DATABASE_URL: nobody listens at 127.0.0.1:1; start PostgreSQL there, or name another")


def test_a_second_process_on_the_same_file_is_told_of_the_first(zavhoz: Zavhoz) -> None:
    with acquire_process_lock("sqlite:///zavhoz.db"):
        result = zavhoz("run", BOT_TOKEN=TOKEN)
    assert_refused(result, f"DATABASE_URL: another bot (process {os.getpid()}) works on zavhoz.db; stop it")


def test_a_second_chat_page_in_a_folder_is_told_of_the_first(zavhoz: Zavhoz) -> None:
    with acquire_process_lock("sqlite:///zavhoz-demo.db"):
        result = zavhoz("run")
    assert_refused(
        result, f"the chat page's database: another bot (process {os.getpid()}) works on zavhoz-demo.db; stop"
    )


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_port_that_is_taken_is_named(zavhoz: Zavhoz, token: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = zavhoz("run", HTTP_PORT=str(port), BOT_TOKEN=token)
    assert_refused(
        result, f"HTTP_PORT: 127.0.0.1:{port} is taken by another program; try another port, such as {port + 1}"
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "2001:db8::1"])
def test_a_host_that_is_not_this_computer_is_named(zavhoz: Zavhoz, host: str) -> None:
    result = zavhoz("run", HTTP_HOST=host, HTTP_PORT="0")
    assert_refused(result, f"HTTP_HOST: {host} is no address of this computer: ")
    assert "try 127.0.0.1, or 0.0.0.0 for all it has\n" in result.stderr
    assert "HTTP_PORT" not in result.stderr


def assert_refused(result: Result, said: str) -> None:
    """One line on standard error, exit code 2, nothing else, no secret."""
    assert result.exit_code == 2
    assert result.stderr.startswith(f"zavhoz: {said}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert "s3cret" not in result.output
