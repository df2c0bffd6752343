"""A bot that cannot start with its settings says so in one line, as a process of its own, and ends with exit code 2."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.processes import TOKEN, Far, Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases import Databases

REFUSED = {
    "BOT_TOKEN": ("s3cret", "BOT_TOKEN: this is no bot token; @BotFather gives one such as 123456:ABC…"),
    "DATABASE_URL": (
        "oracle://bot:s3cret@db/zavhoz",
        "DATABASE_URL: names an unknown database, 'oracle'; try sqlite:///",
    ),
    "FLOWS_DIR": ("nowhere", "FLOWS_DIR: there is no folder nowhere"),
    "SENTRY_DSN": ("s3cret", "SENTRY_DSN: expected a DSN such as https://key@sentry.example.org/1"),
    "LOG_FORMAT": ("xml", "LOG_FORMAT: expected console, json or ecs"),
    "HTTP_HOST": ("http://s3cret", "HTTP_HOST: expected an address of this computer, no http:// and no port, such as"),
    "WEBHOOK_URL": ("http://bot.example.org/s3cret", "WEBHOOK_URL: expected the https address that Telegram calls"),
}
UNUSABLE = {
    "no file": ("sqlite:///.", "names a folder; name a file, as in sqlite:///zavhoz.db"),
    "a folder": (
        "sqlite:///logs",
        "logs cannot be opened; name a file that the bot's user may read and write, no folder",
    ),
    "a path that leads nowhere": ("sqlite:///nowhere/zavhoz.db", "there is no folder nowhere; make it, or use another"),
    "a path in what is no folder": (
        "sqlite:///diary.db/zavhoz.db",
        "there is no folder diary.db; make it, or use anoth",
    ),
    "a file of something else": ("sqlite:///diary.db", "diary.db is no SQLite database; name another file, such as "),
    "a way to encrypt that there is none of": (
        "postgresql://bot:s3cret@127.0.0.1:1/zavhoz?sslmode=much",
        "has an unknown value of sslmode; known are disable, allow, prefer, require, verify-ca, verify-full",
    ),
    "a password with an @": (
        "postgresql://bot:pass@s3cret@db/zavhoz",
        "has an @ too many; write one that is in a pass",
    ),
    "a name that cannot be": (
        "postgresql://bot:s3cret@a..b/zavhoz",
        "the host of a..b:5432 is not found; see whether its name is right and the network is up",
    ),
    "a name that nobody knows": (
        "postgresql://bot:s3cret@nowhere.invalid:5433/zavhoz",
        "the host of nowhere.invalid:5433 is not found; see whether its name is right and the network is up",
    ),
    "a server that is down": (
        "postgresql://bot:s3cret@127.0.0.1:1/zavhoz",
        "nobody listens at 127.0.0.1:1; start PostgreSQL there, or name another host, as in postgresql://user:password@",
    ),
    "two servers that are down": (
        "postgresql://bot:s3cret@/zavhoz?host=127.0.0.1:1&host=127.0.0.1:2",
        "nobody listens at 127.0.0.1:1 or 127.0.0.1:2; start PostgreSQL there",
    ),
    "a folder without a socket": (
        "postgresql://bot:s3cret@/zavhoz?host=/nowhere",
        "there is no socket /nowhere/.s.PGSQL.5432; start PostgreSQL, or name its folder, as in ?host=/var/run/",
    ),
    "a server that cannot be reached": (
        "postgresql://bot:s3cret@255.255.255.255/zavhoz",
        "255.255.255.255:5432 cannot be reached: Network is unreachable; see whether host and port are right",
    ),
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
    assert (await refusal(tmp_path, DATABASE_URL=url)).startswith(f"DATABASE_URL: {said}")


OF_A_SERVER = {
    "a database that is not there": (
        "postgresql://postgres@{place}/nowhere",
        "has no database nowhere; make it with createdb, or name another, as in postgresql://user:password@host/",
    ),
    "a user that is not there": (
        "postgresql://nobody:s3cret@{place}/{name}",
        'does not let the user nobody in: role "nobody" does not exist; make the user with createuser, or let it in by',
    ),
    "a user who may not make tables": (
        "postgresql://guest:s3cret@{place}/{name}",
        "does not let the user guest do that: permission denied for schema public; make the user the owner of the ",
    ),
    "a server that does not encrypt": (
        "postgresql://postgres@{place}/{name}?sslmode=require",
        "does not encrypt; leave sslmode out, or have it encrypt",
    ),
}


@pytest.mark.parametrize("what", OF_A_SERVER)
async def test_what_a_postgresql_server_refuses_ends_the_process_with_one_line(
    what: str, tmp_path: Path, databases: Databases
) -> None:
    url, said = OF_A_SERVER[what]
    with databases.postgresql(migrated=False) as its_url:
        owner = await asyncpg.connect(its_url)
        await owner.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
        await owner.close()
        server, _, name = its_url.rpartition("/")
        place = server.rpartition("@")[2]
        line = await refusal(tmp_path, DATABASE_URL=url.format(place=place, name=name))
    assert line.startswith(f"DATABASE_URL: PostgreSQL at {place} {said}")


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
    assert said == f"HTTP_PORT: 127.0.0.1:{taken} is taken by another program; try another port, such as {taken + 1}"


STRANGER = TOKEN.replace("0001", "0002")
LATE = {
    "a token that is another's": ({"BOT_TOKEN": STRANGER}, "BOT_TOKEN: Telegram does not know it; @BotFather shows "),
    "such a token with a webhook": (
        {"BOT_TOKEN": STRANGER, "WEBHOOK_URL": "https://bot.example.org/s3cret"},
        "BOT_TOKEN: Telegram does not know it; @BotFather shows the right one, or BOT_API_URL names another server",
    ),
    "an address that Telegram does not take": (
        {"WEBHOOK_URL": "https://bot.example.org/s3cret"},
        "WEBHOOK_URL: Telegram does not take it: Bad Request: bad webhook: it is not known; choose another",
    ),
}


@pytest.mark.parametrize("what", LATE)
async def test_a_bot_that_telegram_refuses_has_never_said_that_it_runs(what: str, tmp_path: Path) -> None:
    settings, said = LATE[what]
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(place))
        async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
            # The first token that a stand sees is its bot's.
            await far.client.session.get(f"{far.url}/bot{TOKEN}/getMe")
            reason = "bad webhook: it is not known"
            await far.client.do("faults", kind="400", method="setWebhook", description=reason)
            given = {**far.settings, "NOTIFY_SOCKET": str(place), **settings}
            with Process(tmp_path / "refused", tmp_path / "empty", "bot", "run", **given) as bot:
                assert await bot.ends() == 2
                *logged, line = bot.err.splitlines()
        supervisor.setblocking(False)
        with pytest.raises(BlockingIOError):
            supervisor.recv(64)
    assert line.startswith(f"zavhoz: {said}")
    assert bot.out == ""
    assert not any(each in "".join(logged) for each in ("started", "Traceback", "s3cret", STRANGER))


@pytest.mark.parametrize("webhook", [{}, {"WEBHOOK_URL": "https://bot.example.org/telegram"}])
async def test_a_bot_starts_though_telegram_cannot_be_reached(webhook: dict[str, str], tmp_path: Path) -> None:
    settings = {"BOT_TOKEN": TOKEN, "BOT_API_URL": "http://127.0.0.1:1", "HTTP_PORT": "0", **webhook}
    with Process(tmp_path / "logs", tmp_path / "empty", "bot", "run", **settings) as bot:
        await bot.says("The bot is running")
        assert (await bot.stop())[0] == 0
        assert "started" in bot.err
