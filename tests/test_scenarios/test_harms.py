"""Whoever harms the flows by an edit that the check must pass is told so by a shipped scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.helpdesk.hooks.registry import build_hooks
from bot.scenarios.kept_transcripts import difference
from bot.scenarios.suite import Stage, staged
from engine.flows import load_flows
from engine.problems import FlowError
from engine.scenarios import read_scenarios
from storage.models.constants import Role
from tests.conversation import MOSCOW, SHIPPED
from tests.edits.editing import Edit, read_all
from tests.reliability.pace import SCALE
from tests.test_scenarios.harming import Harm, harms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.scenarios.outcomes import Outcome
    from engine.compiled import CompiledFlows

HOOKS = build_hooks()
SCENARIOS = read_scenarios(SHIPPED, [*Role])
HARMLESS = {
    "no when: admin.steps.queue.list.when": "nobody else comes to the queue",
    "no when: request.steps.wait.buttons.0.when": "who comes there has answered every question",
    "somebody left out: request.status.transitions.0.by": "a manager is of the crew",
    "a shorter time: request.draft.0.in": "a day is the least that is written in days",
    "a field that is not set: request.status.transitions.2.set": "when it was taken is shown with who has taken it",
    "a field that is not set: request.status.transitions.5.set": "since when somebody has it is not shown of open ones",
    "a field that is not set: request.status.transitions.8.set": "the next one to take it writes it anew",
}
"""Edits after which nobody sees anything else, and why."""
NOT_IN_A_TALK = ("busy", "failed", "moved", "blocked", "gone")
"""Phrases that no scenario can bring about."""
EVERY = max(1, 4 // SCALE)
"""Of so many edits one is tried."""


def is_harmful(harm: Harm) -> bool:
    """Return whether somebody would see the difference in a chat; labels of commands are shown beside it."""
    _, section, *rest = harm.place
    is_label = section == "anywhere" and rest[-1] == "label"
    is_rare = section == "phrases" and rest[-1] in NOT_IN_A_TALK
    return str(harm) not in HARMLESS and not is_label and not is_rare


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


@pytest.fixture(scope="module")
def usual(stage: Stage, flows: CompiledFlows) -> list[Outcome]:
    """What the scenarios come to with the shipped flows, the shortest first."""
    return sorted((stage.play(each, flows, MOSCOW) for each in SCENARIOS), key=lambda each: each.seconds)


@pytest.mark.no_cover
def test_every_harm_is_found(stage: Stage, usual: list[Outcome], tmp_path: Path) -> None:
    tried, survivors = 0, []
    for harm in [each for each in harms(read_all(SHIPPED)) if is_harmful(each)][::EVERY]:
        Edit(harm.what, harm.flows, "").write(tmp_path)
        try:
            flows = load_flows(tmp_path, HOOKS, MOSCOW)
        except FlowError:
            continue
        tried += 1
        visiting = [each for each in usual if not harm.part or harm.part in each.met]
        # Who shows the words is asked first.
        likely = sorted(visiting, key=lambda each: harm.words not in each.transcript)
        played = (stage.play(each.scenario, flows, MOSCOW) for each in likely)
        if not any(each.failures or difference(each) for each in played):
            survivors.append(str(harm))
    assert survivors == []
    assert tried >= 80


def test_what_is_called_harmless_is_still_there() -> None:
    assert HARMLESS.keys() <= {str(each) for each in harms(read_all(SHIPPED))}
