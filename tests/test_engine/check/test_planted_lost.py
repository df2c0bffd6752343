"""Flows in which something would be lost without a word, planted one mistake at a time: one message each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "letters in another case, with something in parentheses",
        "request.yaml",
        "{{ request.assignee | short(60) }} в {{",
        "{{ request.assignee | upper('a') }} в {{",
        ('request.yaml:37:80: the filter "upper" takes nothing in parentheses',),
    ),
    Mistake(
        "a date with a form of its own",
        "request.yaml",
        "{{ request.created_at | moment }}",
        "{{ request.created_at | date('%d.%m') }}",
        ('request.yaml:384:55: the filter "date" takes nothing in parentheses',),
    ),
    Mistake(
        "a length with a limit",
        "request.yaml",
        "{{ draft.priority.value | icon('priority') }} {{ draft.priority.label }}\n      {% endif %}",
        "{{ draft.files | length(3) }}\n      {% endif %}",
        ('request.yaml:292:32: the filter "length" takes nothing in parentheses',),
    ),
    Mistake(
        "a comment where no request is at hand",
        "main.yaml",
        "{text: ❓ Помощь, go: help}",
        "{text: ❓ Помощь, do: add_comment, go: help}",
        (
            (
                'main.yaml:50:30: "add_comment" needs a request, and here is none'
                '; name it in a step that is "about: request"'
            ),
        ),
    ),
    Mistake(
        "files of a request that is not there",
        "main.yaml",
        "{text: ❓ Помощь, go: help}",
        "{text: ❓ Помощь, go: help, send: {from: request_files}}",
        (
            (
                'main.yaml:50:49: "request_files" needs a request, and here is none'
                '; name it in a step that is "about: request"'
            ),
        ),
    ),
    Mistake(
        "whether a request has files, where there is none",
        "main.yaml",
        "{text: ❓ Помощь, go: help}",
        "{text: ❓ Помощь, go: help, when: has_files}",
        (
            (
                'main.yaml:50:42: "has_files" needs a request, and here is none'
                '; name it in a step that is "about: request"'
            ),
        ),
    ),
    Mistake(
        "how long a request is done, where there is none",
        "main.yaml",
        "{text: ❓ Помощь, go: help}",
        "{text: ❓ Помощь, go: help, when: {within: 7d}}",
        (('main.yaml:50:42: "within" needs a request, and here is none; name it in a step that is "about: request"'),),
    ),
    Mistake(
        "words of a space",
        "main.yaml",
        "    unexpected: Нажмите одну из кнопок.",
        '    unexpected: " "',
        ("main.yaml:63:17: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "words of an empty expression",
        "request.yaml",
        "      say: Исполнитель назначен.",
        "      say: \"{{ '' }}\"",
        ("request.yaml:57:12: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "a button of a character that nobody sees",
        "request.yaml",
        "{text: 📥 Оставить на потом, go",
        '{text: "\\u200b", go',
        ("request.yaml:336:16: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "a step that says a pair of tags",
        "request.yaml",
        "    text: <b>Мои заявки</b>",
        "    text: <b></b>",
        ("request.yaml:348:11: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "a status called by a space",
        "request.yaml",
        "{label: отложена, icon: ⏸",
        '{label: " ", icon: ⏸',
        ("request.yaml:24:22: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "an item of a list called by a Braille blank",
        "request.yaml",
        "high: {label: Срочно",
        'high: {label: "\\u2800"',
        ("request.yaml:10:19: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "a command called by nothing",
        "request.yaml",
        "{command: my, label: Мои заявки",
        '{command: my, label: ""',
        ("request.yaml:194:26: people would see nothing of these words; say something, or take the key out",),
    ),
    Mistake(
        "a button called by nothing",
        "request.yaml",
        "{text: 📥 Оставить на потом, go",
        '{text: "", go',
        ("request.yaml:336:16: these words are empty; say something",),
    ),
    Mistake(
        "a longer command than Telegram takes",
        "request.yaml",
        "{command: my, label",
        "{command: my_requests_that_are_not_yet_done, label",
        ("request.yaml:194:15: a command has 32 characters at most; shorten it",),
    ),
    Mistake(
        "words that are filled and never read",
        "request.yaml",
        "expect: {text: {into: reason, min: 3, max: 500}}\n    unexpected: Причину",
        "expect: {text: {into: reason, min: 3, max: 500}, photo: {into: proof}}\n    unexpected: Причину",
        (
            (
                'request.yaml:491:68: nothing reads the variable "proof"'
                "; print it or give it to an action, or take it out"
            ),
        ),
    ),
    Mistake(
        "a constant that is set and never read",
        "request.yaml",
        "{text: 📥 Оставить на потом, go: main.menu}",
        "{text: 📥 Оставить на потом, go: main.menu, set: {later: true}}",
        (
            (
                'request.yaml:336:58: nothing reads the variable "later"'
                "; print it or give it to an action, or take it out"
            ),
        ),
    ),
    Mistake(
        "a caption into a misspelt variable",
        "request.yaml",
        "      photo: {into: draft.files, caption: draft.description}",
        "      photo: {into: draft.files, caption: draft.desription}",
        (('request.yaml:249:43: nothing reads the variable "draft.desription"; did you mean "draft.description"?'),),
    ),
    Mistake(
        "files into a misspelt variable",
        "files.yaml",
        "      photo: {into: report, max: 10}",
        "      photo: {into: repotr, max: 10}",
        ('files.yaml:12:21: nothing reads the variable "repotr"; did you mean "report"?',),
    ),
    Mistake(
        "words into a misspelt variable",
        "main.yaml",
        'expect: {text: {into: words, min: 3, max: 1000}}\n    next: offered\n    unexpected: "Чтобы',
        'expect: {text: {into: wrods, min: 3, max: 1000}}\n    next: offered\n    unexpected: "Чтобы',
        ('main.yaml:42:27: nothing reads the variable "wrods"; did you mean "words"?',),
    ),
    Mistake(
        "a move to a misspelt variable",
        "main.yaml",
        "move: {words: draft.description}",
        "move: {words: draft.descripton}",
        (('main.yaml:65:104: nothing reads the variable "draft.descripton"; did you mean "draft.description"?'),),
    ),
    Mistake(
        "a move of a misspelt variable",
        "main.yaml",
        "move: {words: draft.description}",
        "move: {wrods: draft.description}",
        ('main.yaml:65:97: nothing fills the variable "wrods"; did you mean "words"?',),
    ),
    Mistake(
        "a misspelt variable that is given",
        "admin.yaml",
        "next: {give: chosen}",
        "next: {give: chosn}",
        ('admin.yaml:33:18: nothing fills the variable "chosn"; did you mean "chosen"?',),
    ),
    Mistake(
        "an answer by a misspelt question",
        "request.yaml",
        "set: {assignee: answer.person,",
        "set: {assignee: answer.persn,",
        ('request.yaml:55:23: unknown question "answer.persn"; did you mean "answer.person"?',),
    ),
    Mistake(
        "a misspelt question",
        "request.yaml",
        "ask: {person: admin.pick}",
        "ask: {pesron: admin.pick}",
        ('request.yaml:54:13: nothing refers to the question "pesron"; did you mean "person"?',),
    ),
    Mistake(
        "a misspelt variable of a guard",
        "request.yaml",
        "any: [{has: remark}, {has: files}]",
        "any: [{has: remrk}, {has: files}]",
        ('request.yaml:442:42: nothing fills the variable "remrk"; did you mean "remark"?',),
    ),
    Mistake(
        "a misspelt variable of an input",
        "request.yaml",
        "do: {add_comment: {text: remark}}",
        "do: {add_comment: {text: remrk}}",
        ('request.yaml:443:34: nothing fills the variable "remrk"; did you mean "remark"?',),
    ),
    Mistake(
        "a value in single braces",
        "request.yaml",
        "    unexpected: Причину нужно написать словами.",
        '    unexpected: "{ person.first_name }, причину нужно написать словами."',
        (
            (
                'request.yaml:492:18: "{ person.first_name }" is printed as it is'
                "; write a value in double braces: {{ person.first_name }}"
            ),
        ),
    ),
    Mistake(
        "a value in single braces in a message",
        "main.yaml",
        "<b>{{ person.first_name }}</b>!",
        "<b>{ person.first_name }</b>!",
        (
            (
                'main.yaml:40:24: "{ person.first_name }" is printed as it is'
                "; write a value in double braces: {{ person.first_name }}"
            ),
        ),
    ),
    Mistake(
        "words cut by a comment",
        "request.yaml",
        "say: Исполнитель назначен.",
        "say: Исполнитель #назначен.",
        ('request.yaml:57:12: everything after "Исполнитель" is a comment to YAML; put the words in quotes',),
    ),
    Mistake(
        "words cut by a comment with a space",
        "request.yaml",
        "say: Исполнитель назначен.",
        "say: Исполнитель # назначен.",
        (
            (
                'request.yaml:57:12: everything after "Исполнитель" is a comment to YAML'
                "; put the words in quotes, or the comment on a line of its own"
            ),
        ),
    ),
    Mistake(
        "nothing behind when",
        "request.yaml",
        "      when: {within: 7d}\n",
        "      when:\n",
        ('request.yaml:105:7: nothing stands behind "when"; write it, or take the key out',),
    ),
    Mistake(
        "nothing behind buttons",
        "admin.yaml",
        "    buttons:\n      - {text: ⬅️ Назад, back: true}",
        "    buttons:",
        ('admin.yaml:34:5: nothing stands behind "buttons"; write it, or take the key out',),
    ),
    Mistake(
        "nothing behind say",
        "request.yaml",
        "      say: Исполнитель назначен.",
        "      say:",
        ('request.yaml:57:7: nothing stands behind "say"; write it, or take the key out',),
    ),
    Mistake(
        "nothing behind text",
        "request.yaml",
        "    text: <b>Мои заявки</b>",
        "    text:",
        ('request.yaml:348:5: nothing stands behind "text"; write it, or take the key out',),
    ),
    Mistake(
        "nothing behind into",
        "request.yaml",
        "text: {into: draft.place, min: 2, max: 100}",
        "text: {into: , min: 2, max: 100}",
        ('request.yaml:267:21: nothing stands behind "into"; write it, or take the key out',),
    ),
    Mistake(
        "nothing behind a step",
        "files.yaml",
        "steps:\n",
        "steps:\n  empty:\n",
        ('files.yaml:6:3: nothing stands behind "empty"; write it, or take the key out',),
    ),
    Mistake(
        "a notice that nobody sends",
        "request.yaml",
        "      tell: resumed\n",
        "",
        ('request.yaml:147:3: nothing sends the notice "resumed"; use it, or take it out',),
    ),
    Mistake(
        "a list that nobody uses",
        "request.yaml",
        "lists:\n  priority:",
        "lists:\n  size: {big: {label: Большой}}\n  priority:",
        ('request.yaml:9:3: nothing uses the list "size"; use it, or take it out',),
    ),
    Mistake(
        "a list with the name of a source",
        "request.yaml",
        "lists:\n  priority:",
        "lists:\n  places: {hall: {label: Зал}}\n  priority:",
        ('request.yaml:9:3: the list "places" has the name of a source; give it another name',),
    ),
    Mistake(
        "a list in the place of the statuses",
        "request.yaml",
        "lists:\n  priority:",
        "lists:\n  request_status: {open: {label: открыта}}\n  priority:",
        ('request.yaml:9:3: the list "request_status" is that of the statuses already; give it another name',),
    ),
    Mistake(
        "a transition called all",
        "request.yaml",
        "    - name: release",
        "    - name: all",
        (
            (
                'request.yaml:74:13: no transition can be called "all": a button means every one by it'
                "; give it another name"
            ),
        ),
    ),
    Mistake(
        "a notice with a card and buttons",
        "request.yaml",
        "    show: card\n",
        "    show: card\n    buttons: [{text: Открыть, go: card}]\n",
        ("request.yaml:115:5: a card comes with its own buttons; take these out, or write them in its step",),
    ),
    Mistake(
        "a tag in a toast",
        "request.yaml",
        "say: Исполнитель назначен.",
        "say: Исполнитель <b>назначен</b>.",
        ('request.yaml:57:24: "<b>" is printed as it is: these words are plain; take the tags out',),
    ),
    Mistake(
        "a tag on a button",
        "request.yaml",
        "{text: 📥 Оставить на потом, go",
        "{text: <i>Оставить на потом</i>, go",
        ('request.yaml:336:16: "<i>" is printed as it is: these words are plain; take the tags out',),
    ),
    Mistake(
        "a tag in a label of a status",
        "request.yaml",
        "{label: отложена, icon: ⏸",
        "{label: <b>отложена</b>, icon: ⏸",
        ('request.yaml:24:22: "<b>" is printed as it is: these words are plain; take the tags out',),
    ),
    Mistake(
        "a tag in a label of a list",
        "request.yaml",
        "high: {label: Срочно",
        "high: {label: <b>Срочно</b>",
        ('request.yaml:10:19: "<b>" is printed as it is: these words are plain; take the tags out',),
    ),
    Mistake(
        "a tag in a label of a command",
        "request.yaml",
        "{command: my, label: Мои заявки",
        "{command: my, label: <b>Мои заявки</b>",
        ('request.yaml:194:26: "<b>" is printed as it is: these words are plain; take the tags out',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_would_be_lost_is_reported_once_where_it_is_written(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
