"""Flows that change under a running process: on the disk, by a signal, with mistakes; and at its start."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING

from bot.emulator.pictures import make_picture
from tests.flow_editing import Editor
from tests.processes import Far, Process, until

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_file_changed_on_the_disk_is_followed_by_the_running_bot(tmp_path: Path) -> None:
    editor = Editor(tmp_path / "flows")
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        bot = await far.start_bot(FLOWS_DIR=str(editor.path), LOG_FORMAT="json")
        anna = await far.person(1001, "Анна")
        await anna.say("/help", sees="Как сообщить о поломке")

        editor.replace("main.yaml", "<b>Как сообщить о поломке</b>", "<b>Вот как</b>")
        await bot.says("The changed flows are in use.")
        await anna.say("/help", sees="Вот как")

        editor.replace("main.yaml", "go: request.mine}", "go: request.mien}")
        await bot.says(r'main.yaml:\d+:\d+: unknown step "request.mien"')
        (refused,) = logged(bot, "flows_refused")
        assert 'unknown step "request.mien"; did you mean "request.mine"?' in refused["problems"][0]
        await anna.say("/help", sees="Вот как")

        bot.signal(signal.SIGHUP)
        await until(lambda: said_so_often(bot, "go on:", 2))
        editor.replace("main.yaml", "go: request.mien}", "go: request.mine}")
        await until(lambda: said_so_often(bot, "in use", 2))
        bot.signal(signal.SIGHUP)
        await until(lambda: said_so_often(bot, "in use", 3))
        assert len(logged(bot, "flows_reloaded")) == 3

        code, seconds = await bot.stop()
        assert code == 0
        assert seconds < 10


async def test_flows_without_a_status_that_requests_have_do_not_start(tmp_path: Path) -> None:
    editor = Editor(tmp_path / "flows")
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        bot = await far.start_bot(FLOWS_DIR=str(editor.path))
        anna = await far.person(1001, "Анна")
        await anna.send_photo(make_picture(1, 64, 48), "Течёт кран", sees="Где это?")
        await anna.say("Кабинет 214", sees="К чему это относится?")
        await anna.press("Сантехника", sees="Насколько это срочно?")
        await anna.press("Обычная", sees="Проверьте заявку")
        await anna.press("Отправить", sees="№1")
        await bot.stop()

        text = (editor.path / "request.yaml").read_text("utf-8")
        (editor.path / "request.yaml").write_text(re.sub(r"\bopen\b", "fresh", text), "utf-8")
        settings = {"FLOWS_DIR": str(editor.path), **far.settings}
        with Process(tmp_path / "refused", far.folder, "bot", "run", **settings) as refused:
            assert await refused.ends() == 1
            assert refused.out == ""
            place, _, told = refused.err.partition(": ")
        assert place.startswith(f"{editor.path}/request.yaml:")
        assert told == (
            'the status "open" is gone, and 1 request would be stuck in it; '
            'say what stands for it now: "moved: {open: fresh}"\n'
        )

        editor.replace("request.yaml", "  initial: fresh\n", "  initial: fresh\n  moved: {open: fresh}\n")
        await far.start_bot(FLOWS_DIR=str(editor.path))
        await anna.say("/my", sees="Мои заявки")


def logged(bot: Process, event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in bot.err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


async def said_so_often(bot: Process, words: str, times: int) -> bool:
    return bot.out.count(words) >= times
