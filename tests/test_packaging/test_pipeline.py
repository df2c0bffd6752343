"""The pipeline and the hooks name what exists, and do what `make test` does."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import distributions
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.processes import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([\w.-]+(?:\[[\w,-]+\])?)==(\S+)", re.MULTILINE)
"""A package of a lock, with its extras, and its version."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def steps_of(job: str) -> list[dict[str, Any]]:
    return list(WORKFLOW["jobs"][job]["steps"])


def needs_of(target: str) -> list[str]:
    """What a target of the Makefile is made of."""
    found = re.search(rf"^{target}:(.*)$", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1].split()


def made_by(target: str) -> list[str]:
    """The targets that a target of the Makefile has made, in their order."""
    found = re.search(rf"^{target}:.*\n((?:\t\$\(MAKE\) .*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return [word for word in found[1].split() if not word.startswith(("$", "-"))]


def test_the_pipeline_runs_what_make_test_runs_step_by_step() -> None:
    runs = [step["run"] for step in steps_of("test") if "run" in step]
    assert runs == [f"make {target}" for target in ("tools", *made_by("test"))]


def test_the_tools_are_what_tests_skip_without() -> None:
    made = subprocess.run(["make", "-n", "tools"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - our own words
    assert re.search(r"apt-get install .* prometheus$", made, re.MULTILINE)
    assert re.search(r"playwright install .* chromium$", made, re.MULTILINE)


def test_the_repositorys_own_check_is_make_test() -> None:
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_every_step_of_the_pipeline_is_a_target_that_exists() -> None:
    runs = [step["run"] for job in WORKFLOW["jobs"] for step in steps_of(job) if "run" in step]
    for run in runs:
        make, target = run.split()
        assert make == "make"
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)  # noqa: S603, S607 - our own words
        assert done.returncode == 0, run
        assert target in needs_of(".PHONY")


def test_every_action_of_the_pipeline_is_pinned() -> None:
    used = [step["uses"] for job in WORKFLOW["jobs"] for step in steps_of(job) if "uses" in step]
    assert used
    assert [action for action in used if not re.search(r"@(v\d+|[0-9a-f]{40})$", action)] == []


def test_the_pipeline_tries_every_python_that_the_project_names() -> None:
    named = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    assert PROJECT["project"]["requires-python"] == f">={named[0]}"


def test_the_hooks_run_the_tools_that_the_lock_pins() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE))
    packages = {"lint-imports": "import-linter", "zavhoz": None}
    for repository in hooks["repos"]:
        # A mirror would have versions of its own.
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            folder, _, tool = hook["entry"].split()[0].rpartition("/")
            package = packages.get(tool, tool)
            assert folder == ".venv/bin"
            assert package is None or package in locked
            assert f"$(BIN)/{tool}" in MAKEFILE


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.-]", text, re.MULTILINE)) > 20
    assert not re.search(r"https?://|--index|--find-links|file:", text)


def test_the_locks_of_the_bot_and_of_its_tests_agree() -> None:
    own, tests = (
        dict(PINNED.findall((ROOT / name).read_text("utf-8")))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert own.items() <= tests.items()


def test_a_lock_pins_what_its_packages_ask_for_together_with_its_extras() -> None:
    # Where `coverage` is pinned and `coverage[toml]` asked for, pip takes the newest of that, and refuses it.
    pinned = {name for name, _ in PINNED.findall((ROOT / "requirements-dev.lock").read_text("utf-8"))}
    installed = [
        package for package in distributions() if canonicalize_name(package.name) in {plain(name) for name in pinned}
    ]
    asked = [Requirement(line) for package in installed for line in package.requires or ()]
    with_extras = [
        each for each in asked if each.extras and (each.marker is None or each.marker.evaluate({"extra": ""}))
    ]
    assert "coverage" in {each.name for each in with_extras}
    for each in with_extras:
        assert f"{canonicalize_name(each.name)}[{','.join(sorted(each.extras))}]" in pinned


def plain(name: str) -> str:
    return name.partition("[")[0]


def test_every_file_of_a_release_exists() -> None:
    copied = re.findall(r"^\tcp (.+) dist(?:/\S+)?$", MAKEFILE, re.MULTILINE)
    assert copied
    assert [name for line in copied for name in line.split() if not [*ROOT.glob(name)]] == []
