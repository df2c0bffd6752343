"""The bench in small: it runs, everybody files what they are asked to, and the table says so."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING

import pytest

from bench import waiting
from bench.ours import Ours
from bench.redis_server import redis_server
from bench.report import table
from bench.rounds import Course, compete
from bot.delivery.screen_sender import ScreenSender

if TYPE_CHECKING:
    from pathlib import Path

    from storage.outbox.screens import PendingScreen

SMALL = Course(rounds=1, dialogs=2, in_flight=2)
HAS_OTHERS = shutil.which("redis-server") and importlib.util.find_spec("aiogram_dialog")


async def test_our_bot_files_what_it_is_asked_to(database_url: str) -> None:
    ours = Ours("ZAVhoz", database_url)
    (score,) = await compete([ours], SMALL)
    await ours.close()

    assert score.rate > 0
    assert score.calls >= 1
    assert table([(score, [score])], SMALL).splitlines()[-1].endswith("| 1.00 × |")


async def test_a_contender_that_loses_a_request_ends_the_bench(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Ours("ZAVhoz", sqlite_url)

    async def one_less() -> int:
        return 3

    monkeypatch.setattr(ours, "filed", one_less)
    with pytest.raises(RuntimeError, match="ZAVhoz: 3 requests filed instead of 4"):
        await compete([ours], SMALL)
    await ours.close()


def test_without_redis_the_bench_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="apt-get install redis-server"), redis_server():
        pass


@pytest.mark.skipif(not HAS_OTHERS, reason="make bench installs what it compares with")
def test_all_contenders_take_part(capsys: pytest.CaptureFixture[str]) -> None:
    from bench.__main__ import main  # noqa: PLC0415 - needs what make bench installs

    assert main(["--rounds", "1", "--dialogs", "2", "--in-flight", "2"]) == 0
    assert capsys.readouterr().out.count(" × |") == 4


async def test_a_person_who_answers_at_once_gets_every_screen_without_its_being_read_back(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, read_back = Ours("ZAVhoz", sqlite_url), []
    current = ScreenSender.current

    async def noted(sender: ScreenSender, conversation_id: int) -> PendingScreen | None:
        read_back.append(conversation_id)
        return await current(sender, conversation_id)

    monkeypatch.setattr(ScreenSender, "current", noted)
    await ours.begin()
    await ours.talk.file_request(1001)
    await ours.finish()
    await ours.close()

    assert read_back == []


async def test_the_bench_of_a_chat_in_which_much_waits_tells_what_a_message_costs(database_url: str) -> None:
    rate, statements = await waiting.drain(database_url, 50)

    assert rate > 0
    assert 4 <= statements < 4.5
