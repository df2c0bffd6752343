"""The laptop flows as their author may have changed them while people were in the middle of something.

Each function changes the content of the files, a mapping from flow to what its YAML says; `changed` compiles them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from tests.test_engine.laptops import FOLDER, laptop_flows

if TYPE_CHECKING:
    from engine.compiled import CompiledFlows

Files = dict[str, Any]


def renamed(files: Files) -> None:
    """Give steps other names and say under `moved` which ones."""
    _rename(files, "front", "hall", "lobby")
    files["front"]["start"] = "lobby"
    for way in files["front"]["anywhere"][:2]:
        way["go"] = "lobby"
    files["intake"]["steps"]["full"]["buttons"][1]["go"] = files["intake"]["draft"][2]["go"] = "front.lobby"
    _rename(files, "intake", "condition", "looks")
    files["intake"]["steps"]["model"]["next"] = "looks"
    files["intake"]["steps"]["confirm"]["buttons"][2]["edit"] = "looks"
    _rename(files, "loan", "until", "deadline")
    _transition(files, "borrow")["ask"]["until"] = "loan.deadline"


def removed(files: Files) -> None:
    """Take out steps, a question, a transition, a notice and a status, and say nothing of the steps."""
    laptop = files["laptop"]
    del laptop["steps"]["filter"], laptop["steps"]["catalogue"]["buttons"][:2]
    laptop["steps"]["catalogue"]["text"] = "Каталог"
    laptop["steps"]["catalogue"]["list"]["rows"] = "laptops"
    del files["loan"]["steps"]["until"], _transition(files, "borrow")["ask"]["until"]
    del _transition(files, "borrow")["set"]["until"]
    del laptop["lists"]["shelf"]
    del laptop["status"]["states"]["overdue"], laptop["status"]["states"]["lent"]["after"]
    del laptop["notices"]["overdue"], laptop["notices"]["missed"]
    laptop["status"]["moved"]["overdue"] = "lent"
    gone = ("chase", "hand_over")
    laptop["status"]["transitions"] = [each for each in laptop["status"]["transitions"] if each["name"] not in gone]
    for each in laptop["status"]["transitions"]:
        if isinstance(each["from"], list):
            each["from"].remove("overdue")
    del files["front"]["steps"]["rules"], files["front"]["steps"]["wished"]
    del files["front"]["anywhere"][2], files["front"]["steps"]["hall"]["buttons"][3]


def reshaped(files: Files) -> None:
    """Let what was chosen once be ticked, what was a row be words, and what was words be chosen."""
    steps = files["intake"]["steps"]
    steps["condition"]["choose"]["many"] = True
    steps["condition"]["buttons"].insert(0, {"text": "Дальше", "next": True})
    steps["confirm"]["text"] = "<b>{{ draft.model }}</b>, {{ condition | length }}, {{ keeper }}"
    steps["keeper"] = {
        "text": "Кто отвечает?",
        "expect": {"text": {"into": "keeper", "max": 60}},
        "next": "confirm",
        "buttons": [{"text": "Назад", "back": True}],
    }
    purpose = files["loan"]["steps"]["purpose"]
    purpose["choose"] = {"from": "accessories", "into": "purpose"}
    purpose["text"] = "Зачем? {{ purpose.label }}"
    del _transition(files, "borrow")["set"]["purpose"]
    files["laptop"]["notices"]["lent"]["text"] = "{% if answer.purpose %}Зачем: {{ answer.purpose.label }}{% endif %}"


VARIANTS = (None, renamed, removed, reshaped)


@cache
def contents(variant: Any = None) -> Files:
    """Return what the YAML files say after a change."""
    files: Files = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
    if variant:
        variant(files)
    return files


@cache
def changed(variant: Any = None) -> CompiledFlows:
    """Return the compiled flows after a change."""
    with TemporaryDirectory() as folder:
        for name, content in contents(variant).items():
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            Path(folder, f"{name}.yaml").write_text(text, "utf-8")
        return laptop_flows(Path(folder))


def _rename(files: Files, flow: str, old: str, new: str) -> None:
    steps = files[flow]["steps"]
    files[flow]["steps"] = {new if name == old else name: step for name, step in steps.items()}
    files[flow].setdefault("moved", {})[old] = new


def _transition(files: Files, name: str) -> Any:
    return next(each for each in files["laptop"]["status"]["transitions"] if each["name"] == name)
