"""Several entries that take the same message: each has its own guards, and leaves nothing behind where it is closed."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from engine.events import SubjectRef
from tests.test_engine.changed_laptops import changed
from tests.test_engine.desk import Desk, frames

if TYPE_CHECKING:
    from tests.test_engine.changed_laptops import Files
    from tests.test_engine.desk import Chat

FIRST = SubjectRef("laptop", 1)


def entries(files: Files) -> None:
    """Let librarians keep typed words for themselves, remark in few words, and others at more length."""
    files["front"]["anywhere"] += [
        {"expect": {"text": {"into": "person.wish", "min": 2, "max": 60}}, "when": "librarian", "say": "Запомнил."},
    ]
    reply = files["laptop"]["anywhere"].pop()
    short = {"text": {"into": "remark", "max": 10}}
    files["laptop"]["anywhere"] += [{**deepcopy(reply), "expect": short, "when": "librarian", "say": "Коротко."}, reply]
    files["laptop"]["anywhere"] += [
        {
            "expect": {"text": {"into": "remark", "max": 60}},
            "when": "teacher",
            "set": {"asked": True},
            "forget": "remark",
            "say": "{% if asked %}Забыто.{% endif %}",
        }
    ]
    files["laptop"]["steps"]["card"]["buttons"].append(
        {"text": "Напомнить", "name": "keep", "set": {"remark": "Искрит"}}
    )


@pytest.fixture
def desk() -> Desk:
    return Desk(flows=changed(entries))


def test_words_that_a_closed_entry_would_take_are_not_kept_of_the_person(anna: Chat, vera: Chat) -> None:
    anna.command("menu")
    anna.say("MacBook")
    vera.command("menu")
    vera.say("MacBook")
    assert anna.member.prefs == {}
    assert vera.member.prefs == {"wish": "MacBook"}


def test_bounds_of_a_reply_that_is_closed_to_a_person_are_not_theirs(anna: Chat, vera: Chat) -> None:
    anna.command("menu")
    assert anna.say("Искрит, когда включаешь", reply_to=FIRST).note == "Замечание о «Asus A1» записано."
    vera.command("menu")
    assert vera.say("Искрит, когда включаешь", reply_to=FIRST).note == "Длинно: 23 из 10."
    assert len(anna.desk.shelf.laptops[1].remarks) == 1


def test_a_reply_too_long_for_the_entry_that_is_open_is_told_so(anna: Chat) -> None:
    anna.command("menu")
    assert anna.say("и" * 201, reply_to=FIRST).note == "Длинно: 201 из 200."


def test_an_entry_forgets_what_its_dialog_held_before(anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Напомнить")
    assert frames(anna)[-1]["data"]["remark"] == "Искрит"
    anna.say("Не надо")
    assert "remark" not in frames(anna)[-1]["data"]
