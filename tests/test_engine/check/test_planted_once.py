"""Mistakes from which much else follows, planted one at a time: one message each, where the mistake is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, block, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "a misspelt required key of a step",
        "files.yaml",
        "    text: |\n",
        "    txet: |\n",
        ('files.yaml:8:5: unknown key "txet"; did you mean "text"?',),
    ),
    Mistake(
        "a misspelt required key of a list",
        "request.yaml",
        "      rows: {my_requests: active}",
        "      rosw: {my_requests: active}",
        ('request.yaml:350:7: unknown key "rosw"; did you mean "rows"?',),
    ),
    Mistake(
        "a misspelt required key of a transition",
        "request.yaml",
        "      to: rejected\n",
        "      ot: rejected\n",
        ('request.yaml:85:7: unknown key "ot"; did you mean "to"?',),
    ),
    Mistake(
        "a misspelt required key of an input",
        "request.yaml",
        "expect: {text: {into: draft.place,",
        "expect: {text: {itno: draft.place,",
        ('request.yaml:267:21: unknown key "itno"; did you mean "into"?',),
    ),
    Mistake(
        "a misspelt required key of a notice",
        "request.yaml",
        "  untaken:\n    to: manager",
        "  untaken:\n    ot: manager",
        ('request.yaml:116:5: unknown key "ot"; did you mean "to"?',),
    ),
    Mistake(
        "a misspelt key of a file",
        "request.yaml",
        "subject: request\n",
        "subjcet: request\n",
        ('request.yaml:4:1: unknown key "subjcet"; did you mean "subject"?',),
    ),
    Mistake(
        "misspelt notices",
        "request.yaml",
        "notices:\n",
        "notics:\n",
        ('request.yaml:111:1: unknown key "notics"; did you mean "notices"?',),
    ),
    Mistake(
        "misspelt steps",
        "admin.yaml",
        "steps:\n",
        "setps:\n",
        ('admin.yaml:8:1: unknown key "setps"; did you mean "steps"?',),
    ),
    Mistake(
        "a misspelt status section",
        "request.yaml",
        "status:\n  initial",
        "staus:\n  initial",
        ('request.yaml:14:1: unknown key "staus"; did you mean "status"?',),
    ),
    Mistake(
        "a misspelt kind of a step",
        "request.yaml",
        "  card:\n    about: request\n",
        "  card:\n    about: requst\n",
        ('request.yaml:373:12: unknown subject "requst"; did you mean "request"?',),
    ),
    Mistake(
        "a misspelt kind of a reply",
        "request.yaml",
        "  - reply_to: request",
        "  - reply_to: requst",
        ('request.yaml:206:15: unknown subject "requst"; did you mean "request"?',),
    ),
    Mistake(
        "a misspelt kind of a row",
        "admin.yaml",
        "      with: {request: value}",
        "      with: {requst: value}",
        ('admin.yaml:20:14: unknown subject "requst"; did you mean "request"?',),
    ),
    Mistake(
        "a misspelt button of all transitions",
        "request.yaml",
        "{status: all, columns: 2}",
        "{status: al, columns: 2}",
        ('request.yaml:413:18: unknown transition "al"; did you mean "all"?',),
    ),
    Mistake(
        "a draft filled by a misspelt name",
        "request.yaml",
        "into: draft.priority, label",
        "into: draft.priorty, label",
        ('request.yaml:294:36: nothing reads the variable "draft.priorty"; did you mean "draft.priority"?',),
    ),
    Mistake(
        "a draft by a misspelt name",
        "request.yaml",
        "into: draft.priority, label",
        "into: darft.priority, label",
        ('request.yaml:294:36: "darft.priority" is no name; did you mean "draft.priority"?',),
    ),
    Mistake(
        "a misspelt step",
        "request.yaml",
        "  describe:\n    text",
        "  descibe:\n    text",
        ('request.yaml:237:3: nothing refers to the step "descibe"; did you mean "describe"?',),
    ),
    Mistake(
        "a misspelt status",
        "request.yaml",
        "    in_progress: {label",
        "    in_progres: {label",
        ('request.yaml:23:5: nothing refers to the status "in_progres"; did you mean "in_progress"?',),
    ),
    Mistake(
        "a misspelt notice",
        "request.yaml",
        "  commented:\n    to",
        "  comented:\n    to",
        ('request.yaml:172:3: nothing refers to the notice "comented"; did you mean "commented"?',),
    ),
    Mistake(
        "a misspelt flow",
        "main.yaml",
        "flow: main\n",
        "flow: mian\n",
        ('main.yaml:2:7: nothing refers to the flow "mian"; did you mean "main"?',),
    ),
    Mistake(
        "a misspelt list",
        "request.yaml",
        "lists:\n  priority:",
        "lists:\n  prioritty:",
        ('request.yaml:9:3: nothing refers to the list "prioritty"; did you mean "priority"?',),
    ),
    Mistake(
        "a misspelt list of words",
        "main.yaml",
        "lists:\n  role:",
        "lists:\n  rloe:",
        ('main.yaml:7:3: nothing refers to the list "rloe"; did you mean "role"?',),
    ),
    Mistake(
        "a misspelt outcome",
        "request.yaml",
        "too_many: wait, incomplete",
        "too_mny: wait, incomplete",
        ('request.yaml:315:183: unknown outcome "too_mny"; did you mean "too_many"?',),
    ),
    Mistake(
        "a misspelt input",
        "request.yaml",
        "do: {add_comment: {text: remark}}",
        "do: {add_comment: {txt: remark}}",
        ('request.yaml:443:28: unknown input "txt"; did you mean "text"?',),
    ),
    Mistake(
        "a misspelt alternative",
        "request.yaml",
        "{any: [{has: remark}, {has: files}]}",
        "{ayn: [{has: remark}, {has: files}]}",
        ('request.yaml:442:30: unknown guard "ayn"; did you mean "any"?',),
    ),
    Mistake(
        "a misspelt field that is set",
        "request.yaml",
        "set: {assignee: answer.person,",
        "set: {asignee: answer.person,",
        ('request.yaml:55:13: unknown field "asignee"; did you mean "assignee"?',),
    ),
    Mistake(
        "a misspelt stage",
        "request.yaml",
        "      stage: waiting\n",
        "      stage: wating\n",
        ('request.yaml:20:14: "wating" does not serve here; did you mean "waiting"?',),
    ),
    Mistake(
        "a misspelt truth",
        "request.yaml",
        "{text: 🏠 Меню, go: main.menu, when: opened, beside: true}",
        "{text: 🏠 Меню, go: main.menu, when: opened, beside: treu}",
        ('request.yaml:417:61: expected true or false, got "treu"; did you mean "true"?',),
    ),
    Mistake(
        "a section of statuses taken out",
        "request.yaml",
        block("request.yaml", "status"),
        "",
        (('request.yaml:4:1: "status" is missing: the life of a request; write it, or take the status buttons out'),),
    ),
    Mistake(
        "a section of notices taken out",
        "request.yaml",
        block("request.yaml", "notices"),
        "",
        (
            (
                'request.yaml:2:1: "notices" is missing in the flow "request"'
                "; these are named: assigned, commented, done, held, new,"
                " rejected, released, reopened, resumed, taken, untaken, withdrawn"
            ),
        ),
    ),
    Mistake(
        "a step taken out",
        "request.yaml",
        block("request.yaml", "  place"),
        "",
        ('main.yaml:65:47: 6 places name the step "place", and there is none; describe it, or name another',),
    ),
    Mistake(
        "a card taken out",
        "request.yaml",
        block("request.yaml", "  card"),
        "",
        ('admin.yaml:19:11: 16 places name the step "card", and there is none; describe it, or name another',),
    ),
    Mistake(
        "a notice taken out",
        "request.yaml",
        block("request.yaml", "  commented"),
        "",
        (
            (
                'request.yaml:199:11: 3 places name the notice "commented", and there is none'
                "; describe it, or name another"
            ),
        ),
    ),
    Mistake(
        "a status taken out",
        "request.yaml",
        block("request.yaml", "    open"),
        "",
        (('request.yaml:15:12: 7 places name the status "open", and there is none; describe it, or name another'),),
    ),
    Mistake(
        "a kind taken out",
        "request.yaml",
        "subject: request\n",
        "",
        (("request.yaml:13:1: a status section needs to know whose life it describes; add subject to this flow"),),
    ),
    Mistake(
        "a card about nothing",
        "request.yaml",
        "  card:\n    about: request\n",
        "  card:\n",
        ('request.yaml:5:7: the card must be a step "about: request"',),
    ),
    Mistake(
        "a choice without its question",
        "request.yaml",
        (
            "    choose: {from: categories, into: draft.category"
            ', columns: 2, label: "{{ row.icon }} {{ row.label | short(60) }}"}\n'
        ),
        "    expect: {photo: {into: draft.files}}\n",
        (
            (
                'request.yaml:201:22: 6 places read the variable "draft.category", and nothing fills it'
                '; ask for it: "into: draft.category"'
            ),
        ),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_follows_from_a_mistake_is_not_reported(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
