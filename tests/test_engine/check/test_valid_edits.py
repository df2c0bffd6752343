"""Edits of the shipped flows that look like mistakes and are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

SEEN = "may_see: [author, crew, manager, viewer]"
CANCEL = "to: cancelled\n      by: author"
QUEUE = "go: queue, when: insider}"
RESUME = "Продолжить, go: confirm, when: {has: draft.priority}}"
COMMENT = "go: comment, when: participant"
BUTTONS = "- {status: all, columns: 2}"
HELP = "label: Как пользоваться, go: help}"
WAY_OUT = (
    "      - {text: 🔄 Попробовать ещё раз, go: confirm, when: {has: draft.priority}}\n"
    "      - {text: 🏠 Меню, go: main.menu}"
)
STATES = "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n  transitions:\n"

EDITS = [
    Mistake("the manager sees what the crew sees", "request.yaml", SEEN, "may_see: [author, crew, viewer]", ()),
    Mistake("insiders see all", "request.yaml", SEEN, "may_see: [author, insider]", ()),
    Mistake("those who take part see it", "request.yaml", SEEN, "may_see: [participant, viewer]", ()),
    Mistake("everybody sees all", "request.yaml", SEEN, "may_see: staff", ()),
    Mistake("those without buttons do not see it", "request.yaml", SEEN, "may_see: [author, crew, manager]", ()),
    Mistake(
        "whoever is the author besides",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: staff\n      when: author",
        (),
    ),
    Mistake("the author or a manager", "request.yaml", CANCEL, "to: cancelled\n      by: [author, manager]", ()),
    Mistake(
        "the crew without its manager",
        "request.yaml",
        "by: [crew, manager]\n",
        "by: [crew, manager]\n      when: not manager\n",
        (),
    ),
    Mistake(
        "not one's own request",
        "request.yaml",
        "by: [crew, manager]\n",
        "by: [crew, manager]\n      when: not author\n",
        (),
    ),
    Mistake(
        "the author who is a manager",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: author\n      when: manager",
        (),
    ),
    Mistake(
        "the one it was taken from is told",
        "request.yaml",
        "  withdrawn:\n    to: manager",
        "  withdrawn:\n    to: [manager, former_assignee]",
        (),
    ),
    Mistake("a role and one within it", "admin.yaml", QUEUE, "go: queue, when: [crew, manager]}", ()),
    Mistake("a role without one within it", "admin.yaml", QUEUE, "go: queue, when: [insider, not manager]}", ()),
    Mistake("neither of two roles", "admin.yaml", QUEUE, "go: queue, when: [not manager, not viewer]}", ()),
    Mistake(
        "a role, and alternatives of which one remains",
        "request.yaml",
        COMMENT,
        "go: comment, when: [not manager, {any: [crew, manager]}]",
        (),
    ),
    Mistake(
        "one variable and not another",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: [{has: draft.priority}, {not has: draft.files}]}",
        (),
    ),
    Mistake(
        "the draft and not what is in it",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: [{has: draft.priority}, {has: draft}, {not has: draft.files}]}"),
        (),
    ),
    Mistake(
        "values with one in common",
        "request.yaml",
        RESUME,
        (
            "Продолжить, go: confirm, when: [{is: {draft.priority: [high, low]}}, {is: "
            "{draft.priority: [low, medium]}}]}"
        ),
        (),
    ),
    Mistake(
        "a value and not another one",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: [{is: {draft.priority: [high, low]}}, {not is: {draft.priority: high}}]}"),
        (),
    ),
    Mistake(
        "values of two variables",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: {is: {draft.priority: high, draft.description: Пожар}}}"),
        (),
    ),
    Mistake("an id", "request.yaml", RESUME, "Продолжить, go: confirm, when: {is: {draft.category: 3}}}", ()),
    Mistake(
        "no value yet",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.priority: [high, null]}}}",
        (),
    ),
    Mistake(
        "the narrower role first",
        "admin.yaml",
        "next: {give: chosen}",
        "next: [{when: manager, give: chosen}, {when: crew, back: true}, {give: chosen}]",
        (),
    ),
    Mistake(
        "a command of its own for others",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {command: queue, go: main.menu, when: not insider}",
        (),
    ),
    Mistake(
        "a command of its own for the rest",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {command: queue, go: main.menu}",
        (),
    ),
    Mistake(
        "replies with conditions before replies without",
        "request.yaml",
        "  - reply_to: request\n",
        (
            "  - {reply_to: request, when: viewer, expect: {text: {into: comment, max: 1000}}, forget: comment, "
            "say: Вы только смотрите.}\n"
            "  - reply_to: request\n"
        ),
        (),
    ),
    Mistake(
        "two deep links",
        "main.yaml",
        HELP,
        ("label: Как пользоваться, go: help}\n  - {payload: room, go: menu}\n  - {payload: help, go: help}"),
        (),
    ),
    Mistake(
        "a status button of which others may see less",
        "request.yaml",
        BUTTONS,
        "- {status: all, columns: 2, when: insider}",
        (),
    ),
    Mistake(
        "a circle of statuses with a way out",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: unpark, label: Вернуть, from: parked, to: open, by: manager}\n"
        ),
        (),
    ),
    Mistake(
        "a transition to the same status beside others",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: stay, label: Ещё, from: parked, to: parked, by: manager}\n"
            "    - {name: drop, label: Бросить, from: parked, to: rejected, by: manager}\n"
        ),
        (),
    ),
    Mistake(
        "a word a day after the end",
        "request.yaml",
        "rejected: {label: отклонена, icon: 🚫, stage: dropped}",
        ("rejected: {label: отклонена, icon: 🚫, stage: dropped, after: {in: 1d, tell: untaken}}"),
        (),
    ),
    Mistake(
        "a reminder of what may be opened again",
        "request.yaml",
        "completed: {label: выполнена, icon: ✅, stage: done}",
        ("completed: {label: выполнена, icon: ✅, stage: done, after: {in: 1d, repeat: 1d, tell: untaken}}"),
        (),
    ),
    Mistake(
        "a status that time ends",
        "request.yaml",
        STATES,
        (
            "    cancelled: {label: отменена автором, icon: ✖️, stage: dropped}\n"
            "    parked: {label: ждёт, stage: paused, after: {in: 7d, make: unpark}}\n"
            "  transitions:\n"
            "    - {name: park, label: Отставить, from: open, to: parked, by: manager}\n"
            "    - {name: unpark, label: Вернуть, from: parked, to: open, by: timer}\n"
        ),
        (),
    ),
    Mistake(
        "two steps with a way out of one",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Подробнее, go: why}\n"
            "      - {text: 🏠 Меню, go: main.menu}\n"
            "\n"
            "  why:\n"
            "    text: Чтобы никто не ждал.\n"
            "    buttons:\n"
            "      - {text: Понятно, back: true}"
        ),
        (),
    ),
    Mistake("a step that is left by cancelling", "request.yaml", WAY_OUT, "      - {text: Прервать, cancel: true}", ()),
    Mistake("a step that is left backwards", "request.yaml", WAY_OUT, "      - {text: ⬅️ Назад, back: true}", ()),
    Mistake(
        "photos that are gathered until a button is pressed",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Ещё фото, go: more}\n"
            "      - {text: 🏠 Меню, go: main.menu}\n"
            "\n"
            "  more:\n"
            '    text: "Пришлите фото{% if draft.files %}, уже {{ draft.files | length }}{% '
            'endif %}."\n'
            "    expect: {photo: {into: draft.files}}\n"
            "    buttons:\n"
            "      - {text: Готово, go: resume}"
        ),
        (),
    ),
    Mistake(
        "ticks that a button ends",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Что ещё, go: extras}\n"
            "      - {text: 🏠 Меню, go: main.menu}\n"
            "\n"
            "  extras:\n"
            '    text: "Что ещё?{% if extra %} Отмечено: {{ extra | length }}{% endif %}"\n'
            "    choose: {from: priority, into: extra, many: true}\n"
            "    next: wait\n"
            "    buttons:\n"
            "      - {text: Готово, next: true}"
        ),
        (),
    ),
    Mistake(
        "a setting that is chosen and stays",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Срочность, go: usual}\n"
            "      - {text: 🏠 Меню, go: main.menu}\n"
            "\n"
            "  usual:\n"
            '    text: "Обычно: {% if person.usual %}{{ person.usual.label }}{% endif %}"\n'
            "    choose: {from: priority, into: person.usual}\n"
            "    buttons:\n"
            "      - {text: ⬅️ Назад, back: true}"
        ),
        (),
    ),
    Mistake("files that a button gives back", "files.yaml", "    next: {give: report}\n", "", ()),
    Mistake(
        "a step that is asked to go on by a button alone",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Правила, go: rules}\n"
            "      - {text: 🏠 Меню, go: main.menu}\n"
            "\n"
            "  rules:\n"
            "    text: Не больше пяти заявок.\n"
            "    next: [{when: {has: draft}, go: wait}, {go: describe}]\n"
            "    buttons:\n"
            "      - {text: Понятно, next: true}"
        ),
        (),
    ),
    Mistake(
        "a step that is only edited",
        "request.yaml",
        (
            "      - {text: ⬅️ Назад, back: true}\n"
            "      - {text: ✖️ Отмена, go: discard, beside: true}\n"
            "\n"
            "  # What was written is not thrown away at one touch.\n"
        ),
        (
            "      - {text: Слова, edit: wording}\n"
            "      - {text: ⬅️ Назад, back: true}\n"
            "      - {text: ✖️ Отмена, go: discard, beside: true}\n"
            "\n"
            "  wording:\n"
            "    text: Скажите иначе.\n"
            "    expect: {text: {into: draft.description, min: 3, max: 1000}}\n"
            "    buttons:\n"
            "      - {text: ⬅️ Назад, back: true}\n"
            "\n"
            "  # What was written is not thrown away at one touch.\n"
        ),
        (),
    ),
    Mistake(
        "as many characters at least as at most",
        "request.yaml",
        (
            "Напишите причину: её увидят все, кого касается заявка.\n"
            "    expect: {text: {into: reason, min: 3, max: 500}}"
        ),
        (
            "Напишите причину: её увидят все, кого касается заявка.\n"
            "    expect: {text: {into: reason, min: 500, max: 500}}"
        ),
        (),
    ),
    Mistake(
        "a dialog that is called",
        "request.yaml",
        WAY_OUT,
        (
            "      - {text: Почему, call: reasoned, into: draft.why}\n"
            '      - {text: "🏠 Меню{% if draft.why %}: {{ draft.why | short(20) }}{% endif %}", '
            "go: main.menu}\n"
            "\n"
            "  reasoned:\n"
            "    text: Почему?\n"
            "    expect: {text: {into: why, max: 100}}\n"
            "    next: {give: why}"
        ),
        (),
    ),
    Mistake(
        "rows that only answer",
        "request.yaml",
        "      go: card\n      with: {request: value}\n      empty: Завершённых",
        "      say: Она уже завершена.\n      empty: Завершённых",
        (),
    ),
]


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_what_is_in_order_is_not_reported(edit: Mistake, tmp_path: Path) -> None:
    assert said_of(edit, tmp_path) == ()
