"""Ways that nobody can take, planted in the shipped flows one at a time: one message each, where the mistake is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "nobody may make a transition",
        "request.yaml",
        "      from: on_hold\n      to: in_progress\n      by: [assignee, manager]",
        "      from: on_hold\n      to: in_progress\n      by: []",
        ('request.yaml:71:11: the list under "by" is empty; name something in it, or take the key out',),
    ),
    Mistake(
        "a transition from no status",
        "request.yaml",
        "      from: on_hold\n",
        "      from: []\n",
        ('request.yaml:69:13: the list under "from" is empty; name something in it, or take the key out',),
    ),
    Mistake(
        "a notice to nobody",
        "request.yaml",
        "  untaken:\n    to: manager",
        "  untaken:\n    to: []",
        ('request.yaml:116:9: the list under "to" is empty; name something in it, or take the key out',),
    ),
    Mistake(
        "no notice named",
        "request.yaml",
        "      tell: resumed\n",
        "      tell: []\n",
        ('request.yaml:72:13: the list under "tell" is empty; name something in it, or take the key out',),
    ),
    Mistake(
        "nobody may see",
        "request.yaml",
        "may_see: [author, crew, manager, viewer]",
        "may_see: []",
        ('request.yaml:6:10: the list under "may_see" is empty; name something in it, or take the key out',),
    ),
    Mistake(
        "the author who is not the author",
        "request.yaml",
        "      when: {within: 7d}\n",
        "      when: not author\n",
        (
            'request.yaml:105:13: nobody meets "not author" of those whom "by" names; '
            'take it out, or name others under "by"',
        ),
    ),
    Mistake(
        "a guard and its opposite",
        "admin.yaml",
        "go: queue, when: insider",
        "go: queue, when: [insider, not insider]",
        ('admin.yaml:6:72: nobody meets both "insider" and "not insider"; take one of the two out',),
    ),
    Mistake(
        "a guard twice",
        "admin.yaml",
        "go: queue, when: insider",
        "go: queue, when: [insider, insider]",
        ('admin.yaml:6:72: "insider" stands here twice; take one of the two out',),
    ),
    Mistake(
        "a value and none",
        "request.yaml",
        "go: place, when: [{has: draft.description}, {not has: draft.place}]",
        "go: place, when: [{has: draft.place}, {not has: draft.place}]",
        (
            'request.yaml:230:69: nobody meets both "has draft.place" and "not has draft.place"; '
            "take one of the two out",
        ),
    ),
    Mistake(
        "two values of one variable",
        "request.yaml",
        "Продолжить, go: confirm, when: {has: draft.priority}}",
        "Продолжить, go: confirm, when: [{is: {draft.priority: high}}, {is: {draft.priority: [low, medium]}}]}",
        (
            'request.yaml:233:81: nobody meets both "is draft.priority: high" and "is draft.priority: low, medium"; '
            "take one of the two out",
        ),
    ),
    Mistake(
        "a deadline that asks twice",
        "request.yaml",
        "when: {priority: high}, tell: untaken",
        "when: [{priority: high}, {priority: high}], tell: untaken",
        ('request.yaml:22:61: "priority high" stands here twice; take one of the two out',),
    ),
    Mistake(
        "a command twice",
        "request.yaml",
        "  - {command: my, label: Мои заявки, go: mine}",
        "  - {command: my, label: Мои заявки, go: mine}\n  - {command: my, go: mine}",
        (
            "request.yaml:195:5: nothing comes here: request.yaml:194:5 takes everything before; "
            'put it above that one, or give that one a "when"',
        ),
    ),
    Mistake(
        "rows that lead nowhere",
        "admin.yaml",
        "      go: request.card\n      with: {request: value}\n",
        "",
        ('admin.yaml:15:5: a row that is pressed does nothing; add "go", and "with" for what the step is about',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_way_that_nobody_can_take_is_reported_once(mistake: Mistake, tmp_path: Path) -> None:
    said = tuple(each.replace(f"{tmp_path}/flows/", "") for each in said_of(mistake, tmp_path))
    assert said == mistake.messages
