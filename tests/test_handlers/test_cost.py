"""What an update costs: every statement of its unit of work, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.databases import count_statements

if TYPE_CHECKING:
    from tests.conversation import Actor, Town

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "COMMIT")
ORDINARY = "1 SELECT, 1 UPDATE, 1 COMMIT"
"""The conversation with its person is read and written, and that is all."""
WITH_A_SOURCE = "2 SELECT, 1 UPDATE, 1 COMMIT"
"""The same, and the one source whose rows the step shows or checks."""

DIALOG = {
    "/start": ORDINARY,
    "[Помощь]": ORDINARY,
    "[Меню]": ORDINARY,
    "[Новая заявка]": ORDINARY,
    "ой": ORDINARY,
    "Течёт кран": WITH_A_SOURCE,
    "Кабинет 214": WITH_A_SOURCE,
    "[Сантехника]": WITH_A_SOURCE,
    "[Обычная]": ORDINARY,
    "[Срочность]": ORDINARY,
    "[Срочно]": ORDINARY,
    "[Место]": WITH_A_SOURCE,
    "Кабинет 215": ORDINARY,
    "что дальше?": ORDINARY,
}
"""A dialog, step by step: what is typed or [pressed], and its cost."""

ACTIONS = {
    "a first message": "2 SELECT, 2 INSERT, 1 UPDATE, 1 COMMIT",
    "filing a request": "16 SELECT, 5 INSERT, 1 UPDATE, 1 COMMIT",
    "leaving a card for the list of own requests": "6 SELECT, 2 INSERT, 1 UPDATE, 1 COMMIT",
    "opening a card": "4 SELECT, 1 UPDATE, 1 COMMIT",
    "asking for the words of a comment": "4 SELECT, 1 UPDATE, 2 DELETE, 1 COMMIT",
    "commenting": "22 SELECT, 6 INSERT, 1 UPDATE, 1 COMMIT",
    "the queue": "3 SELECT, 1 UPDATE, 1 COMMIT",
    "taking a request on its live card": "21 SELECT, 6 INSERT, 2 UPDATE, 1 COMMIT",
    "taking it too late": "7 SELECT, 1 INSERT, 1 UPDATE, 1 COMMIT",
    "replying to a card": "27 SELECT, 8 INSERT, 1 UPDATE, 1 COMMIT",
    "completing with a photo": "31 SELECT, 7 INSERT, 2 UPDATE, 1 COMMIT",
    "a made-up button": "6 SELECT, 1 UPDATE, 2 DELETE, 1 COMMIT",
    "an update seen before": "1 SELECT, 1 COMMIT",
    "a message in a group": "1 COMMIT",
}
"""Everything else, in a school with an author, two managers and one request."""


async def _cost(town: Town) -> str:
    """Handle the one update that waits and deliver nothing; return the statements of its unit of work."""
    (update,) = town.emulator.updates.take()
    with count_statements(town.app.runner) as counted:
        await town.app.poller.handle([update])
    await town.settle()
    verbs = Counter(counted.verbs)
    assert set(verbs) <= set(VERBS)
    return ", ".join(f"{verbs[verb]} {verb}" for verb in VERBS if verbs[verb])


async def test_an_ordinary_dialog_step_is_one_read_one_write_and_the_commit(town: Town, anna: Actor) -> None:
    await anna.say("/start")
    costs = {}
    for action in DIALOG:
        if action.startswith("["):
            anna.person.press(action.strip("[]"))
        else:
            anna.person.say(action)
        costs[action] = await _cost(town)
    assert costs == DIALOG
    assert anna.text.startswith("Проверьте заявку и нажмите «Отправить».")


@pytest.mark.parametrize("kind", ["sticker", "photo", "edit"])
async def test_what_a_step_does_not_ask_for_costs_no_more(town: Town, anna: Actor, kind: str) -> None:
    await anna.draft()
    if kind == "sticker":
        anna.person.send_sticker()
    elif kind == "photo":
        anna.person.send_photo()
    else:
        said = anna.person.say("опечатка")
        await town.settle()
        anna.person.edit(said, "опечатки нет")
    assert await _cost(town) == ("1 SELECT, 1 INSERT, 1 UPDATE, 1 COMMIT" if kind == "edit" else ORDINARY)


async def test_every_other_kind_of_update_costs_what_the_table_says(
    town: Town, anna: Actor, sergey: Actor, olga: Actor
) -> None:
    costs = {}
    anna.person.say("/start")
    costs["a first message"] = await _cost(town)
    await anna.draft()
    anna.person.press("Отправить")
    costs["filing a request"] = await _cost(town)
    anna.person.say("/my")
    costs["leaving a card for the list of own requests"] = await _cost(town)
    anna.person.press("№1")
    costs["opening a card"] = await _cost(town)
    anna.person.press("Комментарий")
    costs["asking for the words of a comment"] = await _cost(town)
    anna.person.say("Вода уже на полу")
    costs["commenting"] = await _cost(town)
    sergey.person.say("/queue")
    costs["the queue"] = await _cost(town)
    late = olga.card(1)
    sergey.person.press_on(sergey.card(1), "🔧 Взять")
    costs["taking a request on its live card"] = await _cost(town)
    olga.person.press_on(late, "🔧 Взять")
    costs["taking it too late"] = await _cost(town)
    sergey.person.say("Иду", sergey.card(1))
    costs["replying to a card"] = await _cost(town)
    await sergey.press_on(sergey.card(1), "✅ Выполнено")
    sergey.person.send_photo()
    costs["completing with a photo"] = await _cost(town)
    sergey.person.press_data(sergey.screen, "made up")
    costs["a made-up button"] = await _cost(town)
    anna.person.say("/menu")
    again = dict(town.emulator.updates.pending[-1])
    await town.settle()
    town.emulator.push_raw(again)
    costs["an update seen before"] = await _cost(town)
    group = town.emulator.group(-100123, "Завхозы", [anna.person])
    anna.person.say_in(group, "Всем привет")
    costs["a message in a group"] = await _cost(town)
    assert costs == ACTIONS
