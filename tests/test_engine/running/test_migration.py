"""Conversations whose flows change between two events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.running.engine import Engine
from tests.test_engine.changed_laptops import changed, removed, renamed
from tests.test_engine.desk import frames
from tests.test_engine.laptops import DAY

if TYPE_CHECKING:
    from typing import Any

    from tests.test_engine.desk import Chat


def turn_to(chat: Chat, variant: Any = None) -> None:
    """Let the desk go on with another edition of its flows."""
    chat.desk.engine = Engine(changed(variant), chat.desk.seen.append)


def steps(chat: Chat) -> list[str]:
    return [frame["step"] for frame in frames(chat)]


def test_a_person_in_a_removed_step_is_notified_and_shown_the_one_below(anna: Chat) -> None:
    anna.command("catalogue")
    anna.press("Фильтр")
    turn_to(anna, removed)

    reply = anna.press("Назад")

    assert reply.toast == "Кнопка устарела."
    assert anna.screen.screen.name == "front.hall"
    assert anna.screen.screen.text.startswith("Экран изменился.\n\nЗдравствуйте")


def test_the_explanation_stands_above_what_else_there_is_to_say(anna: Chat) -> None:
    anna.command("rules")
    turn_to(anna, removed)
    anna.say("Ау")
    assert anna.screen.screen.text.startswith("Экран изменился.\nЭто здесь не подходит.\n\nЗдравствуйте")


def test_words_meant_for_a_removed_step_are_no_answer_to_the_one_below(anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.command("rules")
    turn_to(anna, removed)

    anna.say("Где правила?")

    assert anna.screen.screen.name == "loan.purpose"
    assert "Это здесь не подходит." in anna.screen.screen.text
    anna.say("Урок физики")
    assert anna.screen.screen.name == "loan.extras"


def test_a_photo_meant_for_a_removed_step_is_no_answer_to_the_one_below(anna: Chat, vera: Chat) -> None:
    anna.desk.shelf.laptops[1].state, anna.desk.shelf.laptops[1].borrower = "lent", 1
    anna.command("start", "laptop-1")
    anna.press("Сдать")
    anna.command("rules")
    turn_to(anna, removed)

    anna.photo()

    assert anna.screen.screen.name == "loan.photos"
    assert anna.desk.shelf.laptops[1].state == "lent"


def test_words_typed_into_a_renamed_step_are_taken(vera: Chat) -> None:
    vera.command("start", "laptop-1")
    vera.press("Взять")
    vera.say("Урок физики")
    assert steps(vera)[-1] == "loan.until"
    turn_to(vera, renamed)

    vera.say("5 марта")

    assert steps(vera)[-1] == "loan.extras"


def test_buttons_of_a_renamed_step_still_serve(vera: Chat) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.say("Sony V")
    turn_to(vera, renamed)

    reply = vera.press("новый")

    assert reply.toast is None
    assert vera.screen.screen.name == "intake.bag"


def test_back_leads_through_a_renamed_step(vera: Chat) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.say("Sony V")
    vera.press("новый")
    assert frames(vera)[-1]["trail"][-1] == "intake.condition"
    turn_to(vera, renamed)

    vera.press("Назад")

    assert steps(vera)[-1] == "intake.looks"


def test_a_question_closes_with_the_card_that_asked_it(anna: Chat) -> None:
    state = {
        "frames": [
            {"step": "front.hall", "pending": {"transition": "borrow", "answers": {}}},
            {"step": "laptop.gone", "about": 1, "pending": {"transition": "borrow", "answers": {}}},
            {"step": "loan.purpose", "about": 1, "mode": "call", "into": "purpose"},
        ]
    }
    anna.state = json.dumps(state)

    anna.say("Урок физики")

    assert frames(anna) == [{"step": "front.hall"}]
    assert anna.desk.shelf.laptops[1].state == "free"


def test_a_transition_waits_no_longer_for_a_question_that_is_gone(anna: Chat) -> None:
    anna.command("start", "laptop-1")
    anna.press("Взять")
    anna.say("Урок физики")
    turn_to(anna, removed)

    anna.sticker()

    assert anna.screen.screen.name == "laptop.card"
    assert "pending" not in frames(anna)[-1]
    anna.press("Взять")
    assert anna.screen.screen.name == "loan.purpose"


def test_an_answer_for_a_transition_that_is_gone_gets_a_hint(vera: Chat) -> None:
    vera.desk.shelf.laptops[1].state, vera.desk.shelf.laptops[1].borrower = "lent", 1
    vera.command("start", "laptop-1")
    vera.press("Передать")
    turn_to(vera, removed)

    assert vera.press("Борис").toast == "Экран изменился."

    assert vera.screen.screen.name == "laptop.card"
    assert vera.desk.shelf.laptops[1].borrower == 1


def test_a_suspended_dialog_is_resumed(anna: Chat) -> None:
    anna.command("rules")
    before = frames(anna)
    turn_to(anna, removed)
    anna.sticker()
    assert steps(anna) == ["front.hall"]
    turn_to(anna)

    anna.sticker()

    assert frames(anna) == before
    assert "aside" not in json.loads(anna.state)
    assert "Экран изменился." in anna.screen.screen.text


def test_a_suspended_dialog_is_dropped_when_the_person_goes_on_with_another(anna: Chat) -> None:
    anna.command("rules")
    turn_to(anna, removed)
    anna.sticker()
    anna.command("catalogue")
    anna.command("menu")
    turn_to(anna)

    anna.sticker()

    assert steps(anna) == ["front.hall"]
    assert "aside" not in json.loads(anna.state)


def test_time_that_has_nothing_to_show_leaves_the_explanation_to_the_next_word(vera: Chat) -> None:
    vera.command("menu")
    vera.press("Принять новый")
    vera.say("Sony V")
    vera.command("rules")
    turn_to(vera, removed)
    vera.member.role = "teacher"
    before = frames(vera)

    vera.desk.wait_and_see(2 * DAY)
    assert frames(vera) == before

    vera.sticker()
    assert vera.screen.screen.text.startswith("Экран изменился.")
