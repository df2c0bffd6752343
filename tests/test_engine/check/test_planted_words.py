"""Names in letters that only look right, and names in words, planted one at a time: one message, with what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "a Cyrillic letter in a role",
        "request.yaml",
        "      by: [crew, manager]",
        "      by: [сrew, manager]",
        (
            (
                'request.yaml:33:12: unknown role "сrew"'
                '; it has a Cyrillic letter "с" that looks like Latin "c": write "crew"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a key",
        "files.yaml",
        '    unexpected: "Пришлите',
        '    unexpеcted: "Пришлите',
        (
            (
                'files.yaml:14:5: unknown key "unexpеcted"'
                '; it has a Cyrillic letter "е" that looks like Latin "e": write "unexpected"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a step",
        "request.yaml",
        '    next: whose\n    unexpected: "Чтобы',
        '    next: whоse\n    unexpected: "Чтобы',
        (
            (
                'request.yaml:410:11: "whоse" is no name'
                '; it has a Cyrillic letter "о" that looks like Latin "o": write "whose"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a variable of words",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ pеrson.first_name }}",
        (
            (
                'main.yaml:40:27: unknown variable "pеrson"'
                '; it has a Cyrillic letter "е" that looks like Latin "e": write "person"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a field of words",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_nаme }}",
        (
            (
                'main.yaml:40:27: person has no field "first_nаme"'
                '; it has a Cyrillic letter "а" that looks like Latin "a": write "first_name"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a filter",
        "request.yaml",
        "{{ request.created_at | moment }}",
        "{{ request.created_at | mоment }}",
        (
            (
                'request.yaml:384:55: unknown filter "mоment"'
                '; it has a Cyrillic letter "о" that looks like Latin "o": write "moment"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a list of words",
        "main.yaml",
        "label('role')",
        "label('rоle')",
        (
            (
                'main.yaml:41:36: unknown list "rоle"'
                '; it has a Cyrillic letter "о" that looks like Latin "o": write "role"'
            ),
        ),
    ),
    Mistake(
        "a Cyrillic letter in a variable",
        "request.yaml",
        "into: draft.priority, label",
        "into: draft.priоrity, label",
        (
            (
                'request.yaml:294:36: "draft.priоrity" is no name'
                '; it has a Cyrillic letter "о" that looks like Latin "o": write "draft.priority"'
            ),
        ),
    ),
    Mistake(
        "an invisible character in a step",
        "admin.yaml",
        "go: main.menu, beside",
        'go: "main.me\\u200bnu", beside',
        (
            (
                'admin.yaml:24:28: "main.me\u200bnu" is no name'
                '; it holds an invisible character (U+200B): write "main.menu"'
            ),
        ),
    ),
    Mistake(
        "a capital letter in a step",
        "admin.yaml",
        "go: main.menu, beside",
        "go: main.Menu, beside",
        ('admin.yaml:24:28: "main.Menu" is no name; it has capital letters: write "main.menu"',),
    ),
    Mistake(
        "a capital letter in a key",
        "files.yaml",
        '    unexpected: "Пришлите',
        '    Unexpected: "Пришлите',
        ('files.yaml:14:5: unknown key "Unexpected"; it has capital letters: write "unexpected"',),
    ),
    Mistake(
        "a capital letter in a truth",
        "request.yaml",
        "{text: 🏠 Меню, go: main.menu, when: opened, beside: true}",
        "{text: 🏠 Меню, go: main.menu, when: opened, beside: True}",
        ('request.yaml:417:61: expected true or false, got "True"; it has capital letters: write "true"',),
    ),
    Mistake(
        "a capital letter in a stage",
        "request.yaml",
        "      stage: waiting\n",
        "      stage: Waiting\n",
        ('request.yaml:20:14: "Waiting" does not serve here; it has capital letters: write "waiting"',),
    ),
    Mistake(
        "a misspelt list in words",
        "request.yaml",
        "{{ request.priority | icon('priority') }} {{ request.priority | label('priority') }}",
        "{{ request.priority | icon('priority') }} {{ request.priority | label('prioritty') }}",
        ('request.yaml:383:78: unknown list "prioritty"; did you mean "priority"?',),
    ),
    Mistake(
        "a misspelt list of a choice",
        "request.yaml",
        "choose: {from: priority, into",
        "choose: {from: prioirty, into",
        ('request.yaml:294:20: unknown list "prioirty"; did you mean "priority"?',),
    ),
    Mistake(
        "a misspelt source of a choice",
        "request.yaml",
        "choose: {from: places, into",
        "choose: {from: plces, into",
        ('request.yaml:266:20: unknown list "plces"; did you mean "places"?',),
    ),
    Mistake(
        "a misspelt constant of a guard",
        "request.yaml",
        "when: {priority: high}",
        "when: {priority: hgih}",
        ('request.yaml:22:53: "priority" does not take "hgih"; did you mean "high"?',),
    ),
    Mistake(
        "a misspelt item of a list",
        "request.yaml",
        "    high: {label: Срочно",
        "    hgih: {label: Срочно",
        (
            (
                'request.yaml:10:5: "priority" of "create_request" takes one of high, low, medium, and not "hgih"'
                '; did you mean "high"?'
            ),
        ),
    ),
    Mistake(
        "a misspelt constant that is set",
        "request.yaml",
        "{text: 📥 Оставить на потом, go: main.menu}",
        "{text: 📥 Оставить на потом, go: main.menu, set: {draft.priority: hgih}}",
        (('request.yaml:336:58: "draft.priority" gets words here and a choice elsewhere; keep them in two variables'),),
    ),
    Mistake(
        "a misspelt filter",
        "request.yaml",
        "{{ request.created_at | moment }}",
        "{{ request.created_at | momnet }}",
        ('request.yaml:384:55: unknown filter "momnet"; did you mean "moment"?',),
    ),
    Mistake(
        "a misspelt field of a record",
        "request.yaml",
        "{{ draft.place.label }}\n      🏷",
        "{{ draft.place.lable }}\n      🏷",
        ('request.yaml:307:12: draft.place has no field "lable"; did you mean "label"?',),
    ),
    Mistake(
        "a misspelt field of a row",
        "request.yaml",
        "{{ comment.text | short(200) }}",
        "{{ comment.txet | short(200) }}",
        ('request.yaml:395:53: comment has no field "txet"; did you mean "text"?',),
    ),
    Mistake(
        "a misspelt variable of words",
        "request.yaml",
        "{% if remark %}\n      «{{ remark | short(300) }}»",
        "{% if remark %}\n      «{{ remrk | short(300) }}»",
        ('request.yaml:424:11: unknown variable "remrk"; did you mean "remark"?',),
    ),
    Mistake(
        "a word that is no tag",
        "request.yaml",
        "{% if draft.place %}",
        "{% fi draft.place %}",
        ('request.yaml:263:10: unknown tag "fi"; did you mean "if"?',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_was_meant_is_suggested(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
