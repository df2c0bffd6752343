"""What `make wheel` builds runs from an empty folder, without the project around it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from tests.processes import ROOT, Process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGES = ("bot", "engine", "flows", "migrations", "storage")
SETTINGS = {"HTTP_PORT": "0", "LOG_LEVEL": "WARNING"}


def ran(command: Sequence[object], folder: Path, **environment: str) -> str:
    """Run a program to its good end and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own words
        [*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, so that nothing is left behind in the project."""
    folder = tmp_path_factory.mktemp("wheel")
    project = folder / "project"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, project / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, project)
    ran([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, project], folder, **os.environ)
    [built] = folder.glob("zavhoz-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into a fresh environment; the packages it needs are lent by the one that runs the tests."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    ran([sys.executable, "-m", "venv", "--without-pip", environment], wheel.parent)
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python"]
    ran([*pip, "install", "-q", "--no-index", "--no-deps", wheel], wheel.parent, PATH=os.environ["PATH"])
    # A line in a .pth file is searched after the environment's own packages, and its own .pth files are not read:
    # an editable install of this project stays out of sight.
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "empty"
    made.mkdir()
    return made


def test_the_wheel_holds_flows_migrations_and_the_chat_page_and_no_tests(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == set(PACKAGES)
    for pattern in ("flows/*.yaml", "migrations/versions/*.py", "migrations/*.mako", "bot/emulator/page/*.*"):
        shipped = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)}
        assert shipped
        assert shipped <= set(names)


def test_every_package_is_the_installed_one(installed: Path, folder: Path) -> None:
    code = "import bot, engine, storage, migrations; print(bot.__path__, engine.__path__, storage.__path__)"
    said = ran([installed / "python", "-c", code], folder)
    assert said.count(str(installed.parent)) == 3
    assert str(ROOT) not in said


def test_the_installed_bot_checks_its_flows(installed: Path, folder: Path) -> None:
    assert ran([installed / "zavhoz", "check"], folder) == "The flows are in order.\n"


def test_the_installed_bot_brings_a_database_up_and_down(
    installed: Path, folder: Path, empty_database_url: str
) -> None:
    zavhoz, to = installed / "zavhoz", {"DATABASE_URL": empty_database_url}
    assert "needs 0" in ran([zavhoz, "db", "upgrade"], folder, **to)
    assert "at revision base" in ran([zavhoz, "db", "downgrade", "base"], folder, **to)
    assert "needs 0" in ran([zavhoz, "db", "upgrade"], folder, **to)
    assert ran([zavhoz, "db", "status"], folder, **to)


async def test_the_installed_bot_runs_from_an_empty_folder(installed: Path, folder: Path, tmp_path: Path) -> None:
    with Process(tmp_path / "logs", folder, "bot", "run", python=installed / "python", **SETTINGS) as bot:
        url = await bot.says(r"http://127\.0\.0\.1:\d+")
        with urlopen(f"{url}/readyz") as answer:  # noqa: S310, ASYNC210 - our own process; nothing else is to be done
            assert json.load(answer)["ready"]
        with urlopen(url) as page:  # noqa: S310, ASYNC210 - the same
            assert "<html" in page.read().decode()
        code, _ = await bot.stop()
    assert (code, bot.err) == (0, "")
    assert {name.partition(".")[0] for name in os.listdir(folder)} == {"zavhoz-demo"}  # noqa: PTH208 - names alone
