"""A real Prometheus, where it is installed, scrapes a bot that runs as a process, by the settings that are shipped."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from aiohttp import ClientError, ClientSession

from tests.monitoring import CONFIG, RULES, alerts
from tests.processes import Far, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROMETHEUS = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed (a package of Debian)")


async def test_prometheus_scrapes_the_bot_and_answers_what_was_counted(tmp_path: Path) -> None:
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        bot = await far.start_bot()
        target = (await bot.says(r"(?<=http://)\S+(?=/readyz)")).rstrip("/")
        anna = await far.person(1001, "Анна", "Петрова")
        with prometheus(tmp_path / "prometheus", target) as url:
            async with ClientSession(url) as session:
                await until(lambda: is_scraped(session, target))
                await anna.say("/new", sees="Пришлите фото")
                await until(lambda: shows(session, 'updates_total{kind="message",outcome="handled"}', "1"))
                await until(lambda: shows(session, 'health_check_ok{check="database"}', "1"))
                await until(lambda: shows(session, "update_handling_seconds_count", "1"))
                assert await health_of_rules(session) == {rule["alert"]: "ok" for rule in alerts()}
                await bot.stop()
                await until(lambda: shows(session, "up", "0"))
                await until(lambda: alerts_that_the_bot_is_down(session))


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """Run Prometheus on the shipped settings, but that it looks at `target`, and often."""
    folder.mkdir()
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "200ms"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
    (folder / CONFIG.name).write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copy(RULES, folder)
    where = f"127.0.0.1:{a_free_port()}"
    words = [f"--config.file={folder / CONFIG.name}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log.txt").open("wb") as log:
        running = subprocess.Popen(  # noqa: S603 - our own words
            [str(PROMETHEUS), *words, f"--web.listen-address={where}"], stdout=log, stderr=log
        )
    try:
        yield f"http://{where}"
    finally:
        running.kill()
        running.wait()


def a_free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def ask(session: ClientSession, path: str, **words: str) -> Any:
    """Ask Prometheus' API; None while it does not answer."""
    try:
        async with session.get(f"/api/v1/{path}", params=words) as response:
            return (await response.json())["data"]
    except ClientError:
        return None


async def is_scraped(session: ClientSession, target: str) -> bool:
    """Tell whether Prometheus has found the bot well."""
    found = await ask(session, "targets")
    targets = found["activeTargets"] if found else []
    return [(each["labels"]["instance"], each["health"]) for each in targets] == [(target, "up")]


async def shows(session: ClientSession, series: str, value: str) -> bool:
    """Tell whether the newest value of a series is this."""
    found = (await ask(session, "query", query=series))["result"]
    return [each["value"][1] for each in found] == [value]


async def health_of_rules(session: ClientSession) -> dict[str, str]:
    """Return of every rule, by its name, whether it can be evaluated."""
    groups = (await ask(session, "rules"))["groups"]
    return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}


async def alerts_that_the_bot_is_down(session: ClientSession) -> bool:
    """Tell whether that is the one alert about to fire."""
    found = (await ask(session, "alerts"))["alerts"]
    return [(each["labels"]["alertname"], each["state"]) for each in found] == [("ZavhozDown", "pending")]
