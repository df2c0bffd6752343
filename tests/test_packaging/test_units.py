"""systemd takes the units, and what they shut away stays shut away."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ANALYZE = shutil.which("systemd-analyze")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("zavhoz*.*"))
BOT = ROOT / "deploy" / "systemd" / "zavhoz.service"

needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not installed (Debian's package systemd)"
)


def analyzed(*words: object) -> tuple[int, list[str]]:
    """Run systemd-analyze; return its exit code and what it says of our units, and not of others of this computer."""
    done = subprocess.run(  # noqa: S603 - our own words
        [str(ANALYZE), *map(str, words)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, [line for line in done.stderr.splitlines() if "zavhoz" in line]


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    for each in UNITS:
        # The program has to be there; on a server it is.
        text = each.read_text(encoding="utf-8").replace("/opt/zavhoz/current/bin/zavhoz", sys.executable)
        (tmp_path / each.name).write_text(text, encoding="utf-8")
    assert analyzed("verify", "--man=no", "--recursive-errors=no", tmp_path / unit.name) == (0, [])


@needs_systemd
def test_the_bot_is_exposed_no_more_than_it_needs() -> None:
    # 2.0 of 10; a service that says nothing has 9.6.
    assert analyzed("security", "--offline=true", "--threshold=20", BOT) == (0, [])


def test_a_reload_needs_no_program_that_a_small_system_lacks() -> None:
    # /bin/kill belongs to Debian's package procps.
    assert "\nExecReload=/bin/sh -c 'kill -HUP $MAINPID'\n" in BOT.read_text(encoding="utf-8")


def test_the_bot_runs_as_a_user_of_its_own() -> None:
    told = dict(re.findall(r"^(\w+)=(.*)$", BOT.read_text(encoding="utf-8"), re.MULTILINE))
    assert (told["User"], told["Group"]) == ("zavhoz", "zavhoz")
    assert told["CapabilityBoundingSet"] == ""
    assert (told["NoNewPrivileges"], told["ProtectSystem"]) == ("true", "strict")
