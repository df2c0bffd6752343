"""What the page for operators has them type exists: files of a release, commands, versions, settings."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from prometheus_client import ProcessCollector
from typer.testing import CliRunner

from bot.cli.main import app
from bot.settings import Settings
from storage.database.migrate import newest
from tests.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
UNIT = (ROOT / "deploy" / "systemd" / "zavhoz.service").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def released() -> set[str]:
    """The names of the files that `make wheel` leaves in dist/ beside the wheel."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    as_they_are = " ".join(re.findall(r"^\tcp (.+) dist$", makefile, re.MULTILINE)).split()
    renamed = re.findall(r"^\tcp \S+ dist/(\S+)$", makefile, re.MULTILINE)
    return {path.name for name in as_they_are for path in ROOT.glob(name)} | {*renamed}


def of_the_bot() -> list[str]:
    """The commands of the bot that the page has typed, without what they are told."""
    lines = [re.sub(r"^/opt/zavhoz/[\d.]+/bin/", "", line) for line in COMMANDS]
    return [found[1] for line in lines if (found := re.match(r"zavhoz ((?:db )?[a-z]+)", line))]


def test_every_file_that_is_brought_to_a_server_is_part_of_a_release() -> None:
    brought = set(re.findall(r"/opt/zavhoz(?:-|/current/)release/([\w.-]+)", "\n".join(COMMANDS)))
    wheels = {name for name in brought if name.endswith(".whl")}
    # The changelog is there to be read.
    assert brought - wheels | {"CHANGELOG.md"} == released()
    assert wheels == {f"zavhoz-{version}-py3-none-any.whl" for version in (VERSION, "0.2.0")}


@pytest.mark.parametrize("command", of_the_bot())
def test_every_command_of_the_bot_is_known_to_it(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0, result.output


def schemas_of(version: str) -> list[str]:
    """The revisions of the schema that the changelog names for a version."""
    [section] = re.findall(rf"^## {re.escape(version)}$(.*?)(?=^## |\Z)", CHANGELOG, re.MULTILINE | re.DOTALL)
    return re.findall(r"^Schema: (\d+)\.$", section, re.MULTILINE)


def released_on(version: str) -> str:
    """The head of a released version in the changelog: with its day."""
    [head] = re.findall(rf"^## ({re.escape(version)} - \d{{4}}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
    return str(head)


def test_the_revision_to_return_to_is_the_one_of_the_version_of_the_example() -> None:
    assert set(re.findall(r"db downgrade (\d+)", PAGE)) == {*schemas_of(released_on(VERSION))}


def test_the_changelog_has_the_version_with_its_day_and_the_revision_of_its_schema() -> None:
    assert len(schemas_of(released_on(VERSION))) == 1


def test_the_changelog_begins_with_what_has_the_newest_schema() -> None:
    assert schemas_of(re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)[0]) == [newest()]


def commands_below(heading: str) -> list[str]:
    """The commands of one part of the page, in their order."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL) for line in block.splitlines()]


def test_the_copy_before_an_upgrade_has_a_folder_before_the_bot_stops() -> None:
    commands = commands_below("Upgrade")
    made = commands.index("install --mode=700 --owner=postgres --directory /var/backups/zavhoz")
    assert made < commands.index("systemctl stop zavhoz")


@pytest.mark.parametrize(("heading", "versions"), [("Upgrade", ["0.2.0"]), ("Rollback", [VERSION, VERSION])])
def test_a_version_starts_with_the_unit_and_the_command_that_came_with_it(heading: str, versions: list[str]) -> None:
    words = "\n".join(commands_below(heading))
    change = r"/opt/zavhoz/([\d.]+) /opt/zavhoz/current\n(.*?)systemctl start zavhoz$"
    changes = re.findall(change, words, re.MULTILINE | re.DOTALL)
    assert [version for version, _ in changes] == versions
    for _, between in changes:
        assert "/opt/zavhoz/current/release/zavhoz.service /etc/systemd/system/zavhoz.service\n" in between
        assert "/opt/zavhoz/current/release/zavhoz /usr/local/sbin/zavhoz\n" in between
        assert "systemctl daemon-reload\n" in between
    assert f"cp --recursive /opt/zavhoz-release /opt/zavhoz/{versions[0]}/release" in PAGE


def test_the_unit_and_the_page_agree_on_where_things_are() -> None:
    for path in ("/etc/zavhoz/zavhoz.env", "/opt/zavhoz/current", "/var/lib/zavhoz"):
        assert path in UNIT
        assert path in PAGE


def test_the_unit_waits_for_the_word_that_the_bot_gives() -> None:
    told = dict(re.findall(r"^(\w+)=(.*)$", UNIT, re.MULTILINE))
    assert told["Type"] == "notify"
    # SIGHUP before the bot listens for it ends it, which counts as a good end.
    assert told["Restart"] == "always"


def test_the_unit_leaves_the_bot_what_it_measures_itself_by(tmp_path: Path) -> None:
    # A /proc of nothing but processes, as ProcSubset=pid makes it.
    (tmp_path / "self").symlink_to("/proc/self")
    assert [*ProcessCollector(proc=str(tmp_path), registry=None).collect()] == []
    assert not re.search(r"^ProcSubset=pid", UNIT, re.MULTILINE)


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)[=`]", PAGE)) | set(re.findall(r"^([A-Z_]+)=", PAGE, re.MULTILINE))
    # Those of containers and of terminals.
    known = {name.upper() for name in Settings.model_fields} | {"POSTGRES_PASSWORD", "NO_COLOR"}
    assert named - known == set()
