"""Steps and statuses without a way out, planted in the shipped flows one at a time: one message each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

WAY_OUT = (
    "      - {text: 🔄 Попробовать ещё раз, go: confirm, when: {has: draft.priority}}\n"
    "      - {text: 🏠 Меню, go: main.menu}"
)
STATES = "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n  transitions:\n"

MISTAKES = [
    Mistake(
        "a status that leads only to itself",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: stay, label: Ещё, from: parked, to: parked, by: manager}\n"
        ),
        (
            (
                'request.yaml:28:5: nobody can leave the status "parked"; add a transition from it, '
                "or give it the stage done or dropped"
            ),
        ),
    ),
    Mistake(
        "a status that leads nowhere",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
        ),
        (
            (
                'request.yaml:28:5: nobody can leave the status "parked"; add a transition from it, '
                "or give it the stage done or dropped"
            ),
        ),
    ),
    Mistake(
        "two statuses in a circle",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "    far: {label: далеко, stage: paused}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: push, label: Дальше, from: parked, to: far, by: manager}\n"
            "    - {name: pull, label: Ближе, from: far, to: parked, by: manager}\n"
        ),
        (
            (
                'request.yaml:28:5: from the status "parked" no transition leads to an end; add one '
                "to a status of the stage done or dropped"
            ),
        ),
    ),
    Mistake(
        "three statuses in a circle",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "    far: {label: далеко, stage: paused}\n"
            "    lost: {label: пропала, stage: waiting}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: push, label: Дальше, from: parked, to: far, by: manager}\n"
            "    - {name: lose, label: Потерять, from: far, to: lost, by: manager}\n"
            "    - {name: find, label: Найти, from: lost, to: parked, by: [author, manager]}\n"
        ),
        (
            (
                'request.yaml:28:5: from the status "parked" no transition leads to an end; add one '
                "to a status of the stage done or dropped"
            ),
        ),
    ),
    Mistake(
        "a deadline that repeats for ever",
        "request.yaml",
        "rejected: {label: отклонена, icon: 🚫, stage: dropped}",
        ("rejected: {label: отклонена, icon: 🚫, stage: dropped, after: {in: 1d, repeat: 1d, tell: untaken}}"),
        (('request.yaml:26:83: nothing leads on from "rejected": this would be repeated for ever; take "repeat" out'),),
    ),
    Mistake(
        "a deadline with a transition that time may not make",
        "request.yaml",
        "icon: 🔧, stage: active}",
        "icon: 🔧, stage: active, after: {in: 7d, make: release}}",
        ('request.yaml:23:82: time may not make "release"; add "timer" to its "by"',),
    ),
    Mistake(
        "time in a transition",
        "request.yaml",
        "from: open\n      to: cancelled",
        "from: open\n      in: 7d\n      to: cancelled",
        ('request.yaml:95:7: unknown key "in"',),
    ),
    Mistake(
        "a step without a button",
        "request.yaml",
        WAY_OUT,
        "      - {text: 🔄 Попробовать ещё раз, name: again}",
        (('request.yaml:339:3: nobody can leave the step "wait"; add a button with "back: true" or "go"'),),
    ),
    Mistake(
        "a step that leads only to itself",
        "request.yaml",
        WAY_OUT,
        "      - {text: 🔄 Попробовать ещё раз, go: wait}",
        (('request.yaml:339:3: the step "wait" leads only to itself; add a button with "go: main.menu"'),),
    ),
    Mistake(
        "two steps that lead only to each other",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Подробнее, go: why}\n"
            "\n"
            "  why:\n"
            "    text: Чтобы никто не ждал.\n"
            "    buttons:\n"
            "      - {text: Понятно, go: wait}"
        ),
        (('request.yaml:339:3: these steps lead only to each other: wait, why; add a button with "go: main.menu"'),),
    ),
    Mistake(
        "a step that leads on, and there only back",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Подробнее, go: why}\n"
            "\n"
            "  why:\n"
            "    text: Чтобы никто не ждал.\n"
            "    buttons:\n"
            "      - {text: Понятно, back: true}"
        ),
        (('request.yaml:339:3: these steps lead only to each other: wait, why; add a button with "go: main.menu"'),),
    ),
    Mistake(
        "three steps in a circle",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Подробнее, go: why}\n"
            "\n"
            "  why:\n"
            "    text: Чтобы никто не ждал.\n"
            "    buttons:\n"
            "      - {text: Дальше, go: really}\n"
            "\n"
            "  really:\n"
            "    text: Правда.\n"
            "    buttons:\n"
            "      - {text: Понятно, go: wait}"
        ),
        (
            (
                "request.yaml:339:3: these steps lead only to each other: wait, why, really; add a "
                'button with "go: main.menu"'
            ),
        ),
    ),
    Mistake(
        "a question in a circle",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Пожаловаться, go: grumble}\n"
            "\n"
            "  grumble:\n"
            "    text: На что?\n"
            "    expect: {text: {into: draft.description, min: 3, max: 100}}\n"
            "    next: wait"
        ),
        (
            (
                "request.yaml:339:3: these steps lead only to each other: wait, grumble; add a "
                'button with "go: main.menu"'
            ),
        ),
    ),
    Mistake(
        "a way out under conditions that never hold together",
        "request.yaml",
        WAY_OUT,
        ("      - {text: 🏠 Меню, go: main.menu, when: [{has: draft.priority}, {not has: draft.priority}]}"),
        (
            (
                'request.yaml:344:69: nobody meets both "has draft.priority" and "not has '
                'draft.priority"; take one of the two out'
            ),
        ),
    ),
    Mistake(
        "a way out under conditions of which one excludes all",
        "request.yaml",
        WAY_OUT,
        "      - {text: 🏠 Меню, go: main.menu, when: [manager, viewer]}",
        (('request.yaml:344:55: nobody meets both "manager" and "viewer"; take one of the two out'),),
    ),
    Mistake(
        "a relation where nothing is at hand",
        "request.yaml",
        WAY_OUT,
        "      - {text: 🏠 Меню, go: main.menu, when: former_assignee}",
        (
            (
                'request.yaml:344:45: "former_assignee" is a relation to a subject, and here is '
                "none; ask for it in a step that is about one"
            ),
        ),
    ),
    Mistake(
        "a step without its list of buttons",
        "main.yaml",
        (
            "    buttons:\n"
            "      - {text: ➕ Новая заявка, name: new, go: request.describe, when: {not has: "
            "draft}}\n"
            "      - {text: 🏠 Меню, go: menu}"
        ),
        "    buttons: []",
        (('main.yaml:82:14: the list under "buttons" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "words or a photo that lead nowhere",
        "request.yaml",
        "    next: place\n",
        "",
        ('request.yaml:247:5: what is sent here leads nowhere; add "next"',),
    ),
    Mistake(
        "a place that leads nowhere",
        "request.yaml",
        "    next: category\n",
        "",
        ('request.yaml:266:5: what is chosen here leads nowhere; add "next"',),
    ),
    Mistake(
        "a choice that leads nowhere",
        "request.yaml",
        "    next: priority\n",
        "",
        ('request.yaml:280:5: what is chosen here leads nowhere; add "next"',),
    ),
    Mistake(
        "an urgency that leads nowhere",
        "request.yaml",
        "    next: confirm\n",
        "",
        ('request.yaml:294:5: what is chosen here leads nowhere; add "next"',),
    ),
    Mistake(
        "a person who is chosen and not given back",
        "admin.yaml",
        "    next: {give: chosen}\n",
        "",
        ('admin.yaml:31:5: what is chosen here leads nowhere; add "next"',),
    ),
    Mistake(
        "words of the menu that lead nowhere",
        "main.yaml",
        '    next: offered\n    unexpected: "Чтобы',
        '    unexpected: "Чтобы',
        ('main.yaml:42:5: what is sent here leads nowhere; add "next"',),
    ),
    Mistake(
        "words under a card that lead nowhere",
        "request.yaml",
        '    next: whose\n    unexpected: "Чтобы',
        '    unexpected: "Чтобы',
        ('request.yaml:406:5: what is sent here leads nowhere; add "next"',),
    ),
    Mistake(
        "a complaint that is not given back",
        "request.yaml",
        'ответив на сообщение с заявкой."\n    next: {give: reason}\n',
        'ответив на сообщение с заявкой."\n',
        ('request.yaml:480:5: what is sent here leads nowhere; add "next"',),
    ),
    Mistake(
        "a reason that is not given back",
        "request.yaml",
        "словами.\n    next: {give: reason}\n",
        "словами.\n",
        ('request.yaml:491:5: what is sent here leads nowhere; add "next"',),
    ),
    Mistake(
        "an answer without ways",
        "request.yaml",
        "next: category",
        "next: []",
        (('request.yaml:269:11: the list under "next" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a way on where nothing is asked",
        "request.yaml",
        "  confirm:\n    text: |",
        "  confirm:\n    next: wait\n    text: |",
        (
            (
                'request.yaml:302:5: "next" follows an answer, and nothing is asked here; lead on '
                "with a button, or expect something"
            ),
        ),
    ),
    Mistake(
        "a way on from help",
        "main.yaml",
        "  help:\n",
        "  help:\n    next: menu\n",
        (
            (
                'main.yaml:70:5: "next" follows an answer, and nothing is asked here; lead on with a '
                "button, or expect something"
            ),
        ),
    ),
    Mistake(
        "a need where nothing is asked",
        "request.yaml",
        "  confirm:\n    text: |",
        "  confirm:\n    needs: {draft.place: Где?}\n    text: |",
        (
            (
                'request.yaml:302:5: "needs" looks at an answer, and nothing is asked here; lead on '
                "with a button, or expect something"
            ),
        ),
    ),
    Mistake(
        "ticks that no button ends",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Что ещё, go: extras}\n"
            "\n"
            "  extras:\n"
            "    text: Что ещё?\n"
            "    choose: {from: priority, into: extra, many: true}\n"
            "    next: confirm\n"
            "    buttons:\n"
            "      - {text: 🏠 Меню, go: main.menu}"
        ),
        (
            (
                "request.yaml:348:43: several may be ticked, and no button ends the choice; add a "
                'button with "next: true"'
            ),
        ),
    ),
    Mistake(
        "ticks with nothing but the way to the menu",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Что ещё, go: extras}\n"
            "\n"
            "  extras:\n"
            "    text: Что ещё?\n"
            "    choose: {from: priority, into: extra, many: true}\n"
            "    buttons:\n"
            "      - {text: 🏠 Меню, go: main.menu}"
        ),
        (
            (
                "request.yaml:348:43: several may be ticked, and no button ends the choice; add a "
                'button with "next: true"'
            ),
        ),
    ),
    Mistake(
        "words that are too long before they are long enough",
        "request.yaml",
        "text: {into: draft.description, min: 3, max: 1000}",
        "text: {into: draft.description, min: 3000, max: 1000}",
        (('request.yaml:248:44: no text has at least 3000 and at most 1000 characters; raise "max", or lower "min"'),),
    ),
    Mistake(
        "a reason that is too long before it is long enough",
        "request.yaml",
        (
            "Напишите причину: её увидят все, кого касается заявка.\n"
            "    expect: {text: {into: reason, min: 3, max: 500}}"
        ),
        (
            "Напишите причину: её увидят все, кого касается заявка.\n"
            "    expect: {text: {into: reason, min: 600, max: 500}}"
        ),
        (('request.yaml:491:40: no text has at least 600 and at most 500 characters; raise "max", or lower "min"'),),
    ),
    Mistake(
        "fewer characters at most than at least",
        "main.yaml",
        ('    expect: {text: {into: words, min: 3, max: 1000}}\n    next: offered\n    unexpected: "Чтобы'),
        ('    expect: {text: {into: words, min: 3, max: 2}}\n    next: offered\n    unexpected: "Чтобы'),
        (('main.yaml:42:39: no text has at least 3 and at most 2 characters; raise "max", or lower "min"'),),
    ),
    Mistake(
        "more characters at least than there are without a word of it",
        "main.yaml",
        ('    expect: {text: {into: words, min: 3, max: 1000}}\n    next: offered\n    unexpected: "Чтобы'),
        ('    expect: {text: {into: words, min: 1500}}\n    next: offered\n    unexpected: "Чтобы'),
        (('main.yaml:42:39: no text has at least 1500 and at most 1000 characters; raise "max", or lower "min"'),),
    ),
    Mistake(
        "a caption that is too long before it is long enough",
        "request.yaml",
        "photo: {into: draft.files, caption: {into: draft.description, min: 3, max: 1000}}",
        "photo: {into: draft.files, caption: {into: draft.description, min: 1000, max: 3}}",
        (('request.yaml:197:74: no text has at least 1000 and at most 3 characters; raise "max", or lower "min"'),),
    ),
    Mistake(
        "an edit of a list",
        "request.yaml",
        "edit: place}",
        "edit: mine}",
        (('request.yaml:317:31: the step "mine" asks nothing that could be edited; lead there with "go"'),),
    ),
    Mistake(
        "an edit of help",
        "request.yaml",
        "edit: place}",
        "edit: main.help}",
        (('request.yaml:317:31: the step "main.help" asks nothing that could be edited; lead there with "go"'),),
    ),
    Mistake(
        "an edit of the menu of finished requests",
        "request.yaml",
        "edit: category}",
        "edit: mine_finished}",
        (('request.yaml:318:35: the step "mine_finished" asks nothing that could be edited; lead there with "go"'),),
    ),
    Mistake(
        "a value given back to nobody, in place of a way",
        "request.yaml",
        "- {text: 🏠 Меню, go: main.menu}\n\n  describe",
        "- {text: 🏠 Меню, give: draft.description}\n\n  describe",
        (
            (
                "request.yaml:235:30: nothing calls this dialog: what it gives back is lost; lead "
                'with "back" or "go", or call it where its answer is needed'
            ),
        ),
    ),
    Mistake(
        "a value given back to nobody, in place of the way back",
        "request.yaml",
        "- {text: ⬅️ Назад, back: true, forget: [comment, files]}",
        "- {text: ⬅️ Назад, give: comment}",
        (
            (
                "request.yaml:473:32: nothing calls this dialog: what it gives back is lost; lead "
                'with "back" or "go", or call it where its answer is needed'
            ),
        ),
    ),
    Mistake(
        "a value given back to nobody from the menu",
        "main.yaml",
        "- {text: ❓ Помощь, go: help}",
        "- {text: ❓ Помощь, name: ask, give: words}\n      - {text: Как, go: help}",
        (
            (
                "main.yaml:50:43: nothing calls this dialog: what it gives back is lost; lead with "
                '"back" or "go", or call it where its answer is needed'
            ),
        ),
    ),
    Mistake(
        "a value given back to nobody after an answer",
        "request.yaml",
        "    next: confirm\n",
        "    next: {give: draft.priority}\n",
        (
            (
                "request.yaml:296:18: nothing calls this dialog: what it gives back is lost; lead "
                'with "back" or "go", or call it where its answer is needed'
            ),
        ),
    ),
    Mistake(
        "rows that do nothing",
        "request.yaml",
        "      go: card\n      with: {request: value}\n      empty: Завершённых",
        "      empty: Завершённых",
        (('request.yaml:362:5: a row that is pressed does nothing; add "go", and "with" for what the step is about'),),
    ),
    Mistake(
        "rows that lead nowhere and are about something",
        "admin.yaml",
        "      go: request.card\n",
        "",
        (('admin.yaml:15:5: a row that is pressed does nothing; add "go", and "with" for what the step is about'),),
    ),
    Mistake(
        "nothing to choose from",
        "request.yaml",
        (
            "  priority:\n"
            "    high: {label: Срочно, icon: 🔴}\n"
            "    medium: {label: Обычная, icon: 🟡}\n"
            "    low: {label: Подождёт, icon: 🟢}\n"
        ),
        "  priority: {}\n",
        ('request.yaml:9:3: the list "priority" is empty; name its items, or take it out',),
    ),
    Mistake(
        "nothing on a list that nobody chooses from",
        "request.yaml",
        "lists:\n",
        "lists:\n  floors: {}\n",
        ('request.yaml:9:3: the list "floors" is empty; name its items, or take it out',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_leads_nowhere_is_reported_once(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
