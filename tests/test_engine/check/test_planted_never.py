"""What nobody can ever see, meet or take, planted in the shipped flows one at a time: one message each."""

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

MISTAKES = [
    Mistake(
        "a card that its author alone sees",
        "request.yaml",
        SEEN,
        "may_see: author",
        (("request.yaml:6:10: who has buttons may not see a request: assignee, crew, manager; add them"),),
    ),
    Mistake(
        "a card that only those without buttons see",
        "request.yaml",
        SEEN,
        "may_see: viewer",
        (("request.yaml:6:10: who has buttons may not see a request: assignee, author, crew, manager; add them"),),
    ),
    Mistake(
        "a card that the crew does not see",
        "request.yaml",
        SEEN,
        "may_see: [author, manager, viewer]",
        ("request.yaml:6:10: who has buttons may not see a request: assignee, crew; add them",),
    ),
    Mistake(
        "a card that its author does not see",
        "request.yaml",
        SEEN,
        "may_see: [crew, manager, viewer]",
        ("request.yaml:6:10: who has buttons may not see a request: author; add them",),
    ),
    Mistake(
        "a card that those who work do not see",
        "request.yaml",
        SEEN,
        "may_see: [author, viewer]",
        (("request.yaml:6:10: who has buttons may not see a request: assignee, crew, manager; add them"),),
    ),
    Mistake(
        "a card that nobody sees",
        "request.yaml",
        SEEN,
        "may_see: []",
        ('request.yaml:6:10: the list under "may_see" is empty; name something in it',),
    ),
    Mistake(
        "a card for whom nobody is any more",
        "request.yaml",
        SEEN,
        "may_see: former_assignee",
        ('request.yaml:6:10: nobody meets "former_assignee" when this is asked; name others',),
    ),
    Mistake(
        "a button for those who may not see the card",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: staff",
        (
            (
                'request.yaml:96:11: "staff" may not see a request, and so never has this button; '
                'add it to "may_see", or name others'
            ),
        ),
    ),
    Mistake(
        "a button for some who may not see the card",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: [author, staff]",
        (
            (
                'request.yaml:96:20: "staff" may not see a request, and so never has this button; '
                'add it to "may_see", or name others'
            ),
        ),
    ),
    Mistake(
        "a button for whom nobody is any more",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: former_assignee",
        ('request.yaml:96:11: nobody meets "former_assignee" when this is asked; name others',),
    ),
    Mistake(
        "a button for the author and for nobody",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: [author, former_assignee]",
        ('request.yaml:96:20: nobody meets "former_assignee" when this is asked; name others',),
    ),
    Mistake(
        "a button for nobody",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: []",
        ('request.yaml:96:11: the list under "by" is empty; name something in it',),
    ),
    Mistake(
        "a transition from no status",
        "request.yaml",
        "from: on_hold",
        "from: []",
        ('request.yaml:69:13: the list under "from" is empty; name something in it',),
    ),
    Mistake(
        "the only transition to a status, from none",
        "request.yaml",
        "from: open\n      to: cancelled",
        "from: []\n      to: cancelled",
        ('request.yaml:94:13: the list under "from" is empty; name something in it',),
    ),
    Mistake(
        "a notice to nobody",
        "request.yaml",
        "  withdrawn:\n    to: manager",
        "  withdrawn:\n    to: []",
        ('request.yaml:163:9: the list under "to" is empty; name something in it',),
    ),
    Mistake(
        "a transition that tells nothing",
        "request.yaml",
        "tell: withdrawn",
        "tell: []",
        (('request.yaml:97:13: the list under "tell" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a button that tells nothing",
        "request.yaml",
        "close: true, tell: new,",
        "close: true, tell: [],",
        (('request.yaml:315:78: the list under "tell" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a command without conditions under when",
        "request.yaml",
        "label: Мои заявки, go: mine",
        "label: Мои заявки, when: [], go: mine",
        (('request.yaml:194:44: the list under "when" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a step without sources under source",
        "admin.yaml",
        "source: queue_counts",
        "source: []",
        (('admin.yaml:10:13: the list under "source" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a button that forgets nothing",
        "request.yaml",
        "back: true, forget: [comment, files]}",
        "back: true, forget: []}",
        (('request.yaml:473:46: the list under "forget" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "a value of no values",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.priority: []}}}",
        (('request.yaml:233:72: the list under "draft.priority" is empty; name something in it, or take the key out'),),
    ),
    Mistake(
        "the author who is not the author",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: author\n      when: not author",
        (
            (
                'request.yaml:97:13: nobody meets "not author" of those whom "by" names; take it '
                'out, or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "the author who takes no part",
        "request.yaml",
        CANCEL,
        "to: cancelled\n      by: author\n      when: not participant",
        (
            (
                'request.yaml:97:13: nobody meets "not participant" of those whom "by" names; take '
                'it out, or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "a manager who is not of the crew",
        "request.yaml",
        "by: manager\n      ask: {person",
        "by: manager\n      when: not crew\n      ask: {person",
        (
            (
                'request.yaml:54:13: nobody meets "not crew" of those whom "by" names; take it out, '
                'or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "a master who only looks on",
        "request.yaml",
        "by: [crew, manager]\n",
        "by: [crew, manager]\n      when: viewer\n",
        (
            (
                'request.yaml:34:13: nobody meets "viewer" of those whom "by" names; take it out, or '
                'name others under "by"'
            ),
        ),
    ),
    Mistake(
        "two who are both denied",
        "request.yaml",
        "by: [crew, manager]\n",
        "by: [crew, manager]\n      when: [not crew, not manager]\n",
        (
            (
                'request.yaml:34:14: nobody meets "not crew" of those whom "by" names; take it out, '
                'or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "the second of two conditions denies all",
        "request.yaml",
        "      when: {within: 7d}\n",
        "      when: [{within: 7d}, not author]\n",
        (
            (
                'request.yaml:105:28: nobody meets "not author" of those whom "by" names; take it '
                'out, or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "a guard and its opposite",
        "admin.yaml",
        QUEUE,
        "go: queue, when: [insider, not insider]}",
        (('admin.yaml:6:72: nobody meets both "insider" and "not insider"; take one of the two out'),),
    ),
    Mistake(
        "a guard and its opposite further on",
        "admin.yaml",
        QUEUE,
        "go: queue, when: [insider, crew, not insider]}",
        (('admin.yaml:6:78: nobody meets both "insider" and "not insider"; take one of the two out'),),
    ),
    Mistake(
        "a guard twice",
        "admin.yaml",
        QUEUE,
        "go: queue, when: [insider, insider]}",
        ('admin.yaml:6:72: "insider" stands here twice; take one of the two out',),
    ),
    Mistake(
        "a guard twice among alternatives",
        "request.yaml",
        COMMENT,
        "go: comment, when: {any: [crew, crew]}",
        ('request.yaml:414:63: "crew" stands here twice; take one of the two out',),
    ),
    Mistake(
        "a deadline that asks twice",
        "request.yaml",
        "when: {priority: high}, tell: untaken",
        "when: [{priority: high}, {priority: high}], tell: untaken",
        ('request.yaml:22:61: "priority high" stands here twice; take one of the two out',),
    ),
    Mistake(
        "a deadline that asks for a thing and its opposite",
        "request.yaml",
        "when: {priority: high}, tell: untaken",
        "when: [{priority: high}, {not priority: high}], tell: untaken",
        (('request.yaml:22:61: nobody meets both "priority high" and "not priority high"; take one of the two out'),),
    ),
    Mistake(
        "a role without the role that it belongs to",
        "admin.yaml",
        QUEUE,
        "go: queue, when: [manager, not crew]}",
        ('admin.yaml:6:72: nobody meets both "manager" and "not crew"; take one of the two out',),
    ),
    Mistake(
        "two roles that nobody has both of",
        "admin.yaml",
        QUEUE,
        "go: queue, when: [manager, viewer]}",
        ('admin.yaml:6:72: nobody meets both "manager" and "viewer"; take one of the two out',),
    ),
    Mistake(
        "everybody denied",
        "admin.yaml",
        QUEUE,
        "go: queue, when: not staff}",
        ('admin.yaml:6:62: nobody meets "not staff" when this is asked; name others',),
    ),
    Mistake(
        "a relation to somebody who is gone",
        "request.yaml",
        COMMENT,
        "go: comment, when: former_assignee",
        ('request.yaml:414:50: nobody meets "former_assignee" when this is asked; name others',),
    ),
    Mistake(
        "the author who takes no part, at a button",
        "request.yaml",
        COMMENT,
        "go: comment, when: [author, not participant]",
        (('request.yaml:414:59: nobody meets both "author" and "not participant"; take one of the two out'),),
    ),
    Mistake(
        "alternatives that are all denied",
        "request.yaml",
        COMMENT,
        "go: comment, when: [not insider, {any: [crew, manager]}]",
        (('request.yaml:414:64: nobody meets both "not insider" and "any crew, manager"; take one of the two out'),),
    ),
    Mistake(
        "no alternative, and one of them",
        "request.yaml",
        COMMENT,
        "go: comment, when: [{not any: [author, crew]}, author]",
        (('request.yaml:414:78: nobody meets both "not any author, crew" and "author"; take one of the two out'),),
    ),
    Mistake(
        "a value and none",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: [{has: draft.priority}, {not has: draft.priority}]}",
        (
            (
                'request.yaml:233:74: nobody meets both "has draft.priority" and "not has '
                'draft.priority"; take one of the two out'
            ),
        ),
    ),
    Mistake(
        "a value in a draft that is not there",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: [{has: draft.priority}, {not has: draft}]}",
        (('request.yaml:233:74: nobody meets both "has draft.priority" and "not has draft"; take one of the two out'),),
    ),
    Mistake(
        "two values of one variable",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: [{is: {draft.priority: high}}, {is: {draft.priority: [low, medium]}}]}"),
        (
            (
                'request.yaml:233:81: nobody meets both "is draft.priority: high" and "is '
                'draft.priority: low, medium"; take one of the two out'
            ),
        ),
    ),
    Mistake(
        "a value that is denied",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: [{is: {draft.priority: high}}, {not is: {draft.priority: [high, low]}}]}"),
        (
            (
                'request.yaml:233:81: nobody meets both "is draft.priority: high" and "not is '
                'draft.priority: high, low"; take one of the two out'
            ),
        ),
    ),
    Mistake(
        "a value of what is empty",
        "request.yaml",
        RESUME,
        ("Продолжить, go: confirm, when: [{is: {draft.priority: high}}, {not has: draft.priority}]}"),
        (
            (
                'request.yaml:233:81: nobody meets both "is draft.priority: high" and "not has '
                'draft.priority"; take one of the two out'
            ),
        ),
    ),
    Mistake(
        "three pairs of values that have none in common",
        "request.yaml",
        RESUME,
        (
            "Продолжить, go: confirm, when: [{is: {draft.priority: [high, low]}}, {is: "
            "{draft.priority: [low, medium]}}, {is: {draft.priority: [high, medium]}}]}"
        ),
        (
            (
                'request.yaml:233:127: nobody meets both "is draft.priority: high, low and is '
                'draft.priority: low, medium" and "is draft.priority: high, medium"; take one of the '
                "two out"
            ),
        ),
    ),
    Mistake(
        "a value that is on no list",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.priority: hihg}}}",
        ('request.yaml:233:72: "draft.priority" is never "hihg"; did you mean "high"?',),
    ),
    Mistake(
        "a word that a list of files is to be",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.files: high}}}",
        (('request.yaml:233:69: "draft.files" is no single value, and never "high"; ask "has: draft.files"'),),
    ),
    Mistake(
        "a word that a draft is to be",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft: high}}}",
        ('request.yaml:233:63: "draft" is no single value, and never "high"; ask "has: draft"',),
    ),
    Mistake(
        "a number in quotes",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.category: '3'}}}",
        ('request.yaml:233:72: "draft.category" is never "3"; write it without quotes',),
    ),
    Mistake(
        "a word that a number is to be",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.category: plumbing}}}",
        ('request.yaml:233:72: "draft.category" is never "plumbing"; it is a number',),
    ),
    Mistake(
        "a number that words are to be",
        "request.yaml",
        "when: {has: remark}, forget: draft",
        "when: {is: {remark: 3}}, forget: draft",
        ('request.yaml:450:87: "remark" is never "3"; it is words: put them in quotes',),
    ),
    Mistake(
        "a block that a value is to be",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {draft.priority: {value: high}}}}",
        (("request.yaml:233:72: \"draft.priority\" is never \"{'value': 'high'}\"; try one of: high, low, medium"),),
    ),
    Mistake(
        "a value of no variable",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: {}}}",
        (('request.yaml:233:50: "is" takes variables with their values; write {is: {variable: value}}'),),
    ),
    Mistake(
        "a value and no word of which",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: is}",
        (('request.yaml:233:50: "is" takes variables with their values; write {is: {variable: value}}'),),
    ),
    Mistake(
        "a variable and no word of its value",
        "request.yaml",
        RESUME,
        "Продолжить, go: confirm, when: {is: draft.priority}}",
        (('request.yaml:233:50: "is" takes variables with their values; write {is: {variable: value}}'),),
    ),
    Mistake(
        "status buttons that are never shown",
        "request.yaml",
        BUTTONS,
        "- {status: all, columns: 2, when: [insider, not insider]}",
        (('request.yaml:413:51: nobody meets both "insider" and "not insider"; take one of the two out'),),
    ),
    Mistake(
        "status buttons for somebody who is gone",
        "request.yaml",
        BUTTONS,
        "- {status: all, columns: 2, when: former_assignee}",
        ('request.yaml:413:41: nobody meets "former_assignee" when this is asked; name others',),
    ),
    Mistake(
        "a status button for others than may press it",
        "request.yaml",
        BUTTONS,
        (
            "- {status: take, when: viewer}\n"
            "      - {status: complete}\n"
            "      - {status: assign}\n"
            "      - {status: hold}\n"
            "      - {status: resume}\n"
            "      - {status: release}\n"
            "      - {status: reject}\n"
            "      - {status: cancel_own}\n"
            "      - {status: reopen}"
        ),
        (
            (
                'request.yaml:413:30: nobody meets "viewer" of those whom "by" names; take it out, '
                'or name others under "by"'
            ),
        ),
    ),
    Mistake(
        "an open way before others",
        "request.yaml",
        ("      - {when: {has: draft.priority}, go: confirm, say: 📎 Файл добавлен к этой заявке.}"),
        "      - {go: confirm, say: 📎 Файл добавлен к этой заявке.}",
        (
            (
                "request.yaml:201:9: nothing comes here: request.yaml:200:9 takes everything before; "
                'put it above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "the same condition twice among ways",
        "request.yaml",
        '      - {when: {has: draft.category}, go: priority, say: "📎',
        '      - {when: {has: draft.priority}, go: priority, say: "📎',
        (
            (
                "request.yaml:201:9: nothing comes here: request.yaml:200:9 takes all of it before; "
                "put it above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "a role behind the one that holds it",
        "admin.yaml",
        "next: {give: chosen}",
        "next: [{when: crew, give: chosen}, {when: manager, back: true}, {give: chosen}]",
        (
            (
                "admin.yaml:33:40: nothing comes here: admin.yaml:33:12 takes all of it before; put "
                "it above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "a way behind a guard and its opposite",
        "admin.yaml",
        "next: {give: chosen}",
        ("next: [{when: manager, give: chosen}, {when: not manager, give: chosen}, {back: true}]"),
        (
            (
                "admin.yaml:33:78: nothing comes here: admin.yaml:33:43 takes all of it before; put "
                "it above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "a way with more conditions behind one with fewer",
        "admin.yaml",
        "next: {give: chosen}",
        ("next: [{when: crew, give: chosen}, {when: [crew, {has: draft}], back: true}, {give: chosen}]"),
        (
            (
                "admin.yaml:33:40: nothing comes here: admin.yaml:33:12 takes all of it before; put "
                "it above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "a command twice in one file",
        "main.yaml",
        HELP,
        "label: Как пользоваться, go: help}\n  - {command: help, go: menu}",
        (
            (
                "main.yaml:35:5: nothing comes here: main.yaml:34:5 takes everything before; put it "
                'above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "a command twice in two files",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {command: my, go: main.menu}",
        (
            (
                "request.yaml:194:5: nothing comes here: admin.yaml:7:5 takes everything before; put "
                'it above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "a command twice for the same people",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {command: queue, go: main.menu, when: insider}",
        (
            (
                "admin.yaml:7:5: nothing comes here: admin.yaml:6:5 takes all of it before; put it "
                "above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "a command again for some of those who have it",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {command: queue, go: main.menu, when: manager}",
        (
            (
                "admin.yaml:7:5: nothing comes here: admin.yaml:6:5 takes all of it before; put it "
                "above that one, or give it other conditions"
            ),
        ),
    ),
    Mistake(
        "an open command before the guarded one",
        "request.yaml",
        "  - {command: new, go: resume, when: {has: draft}}",
        "  - {command: new, go: resume}",
        (
            (
                "request.yaml:193:5: nothing comes here: request.yaml:192:5 takes everything before; "
                'put it above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "a deep link twice",
        "main.yaml",
        HELP,
        ("label: Как пользоваться, go: help}\n  - {payload: room, go: menu}\n  - {payload: room, go: help}"),
        (
            (
                "main.yaml:36:5: nothing comes here: main.yaml:35:5 takes everything before; put it "
                'above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "replies that one of two takes",
        "request.yaml",
        "  - reply_to: request\n",
        (
            "  - {reply_to: request, expect: {text: {into: comment, max: 1000}}, forget: comment, say: Нет.}\n"
            "  - reply_to: request\n"
        ),
        (
            (
                "request.yaml:209:13: nothing comes here: request.yaml:206:5 takes everything "
                'before; put it above that one, or give that one a "when"'
            ),
        ),
    ),
    Mistake(
        "photos that one of two takes",
        "admin.yaml",
        QUEUE,
        "go: queue, when: insider}\n  - {expect: {photo: {into: draft.files}}, go: main.menu}",
        (
            (
                "request.yaml:197:14: nothing comes here: admin.yaml:7:5 takes everything before; "
                'put it above that one, or give that one a "when"'
            ),
        ),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_nobody_can_meet_is_reported_once(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
