"""What the check lets through runs: flows are edited at random, and walked through from the edited step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, seed, settings

from bot.helpdesk.hooks.registry import build_hooks
from engine.compiler import compile_flows
from engine.flows import load_flows, read_catalog
from engine.problems import FlowError
from tests.conversation import MOSCOW, SHIPPED
from tests.edits.editing import KINDS, Edit, edits, read_all
from tests.edits.walking import School
from tests.reliability.pace import SCALE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.compiled import CompiledFlows
    from tests.databases import Databases

pytestmark = pytest.mark.no_cover
SHIPPED_FLOWS = read_all(SHIPPED)
HOOKS = build_hooks()
EDITS = 300 * SCALE
WALKS = 20 * SCALE * SCALE
STEPS = 12 * SCALE
"""Actions of each role in one walk."""
LARGEST = "lead elsewhere"
"""The kind of edit that there are most of."""


class Tried:
    """The edits that were tried: those that the check let through, compiled, and how many it refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.passed: dict[str, list[tuple[Edit, CompiledFlows]]] = {kind: [] for kind in KINDS}
        self.refused = 0

    @property
    def number(self) -> int:
        """How many were tried."""
        return self.refused + sum(map(len, self.passed.values()))

    def ensure(self) -> None:
        """Try edits of every kind, once: whatever the check does not refuse, loads; nothing else is raised."""
        if self.number:
            return
        for kind in KINDS:
            _try(kind, EDITS // len(KINDS), self._folder, self)
        # Of some kinds there are but few.
        _try(LARGEST, EDITS - self.number, self._folder, self)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Edits, to be tried within a test: coverage, which takes half of the time, is not measured there."""
    return Tried(tmp_path_factory.mktemp("edits"))


def _try(kind: str, most: int, folder: Path, found: Tried) -> None:
    @seed(most)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(edits(SHIPPED_FLOWS, kind))
    def attempt(edit: Edit) -> None:
        edit.write(folder)
        try:
            flows = load_flows(folder, HOOKS, MOSCOW)
        except FlowError:
            found.refused += 1
        else:
            found.passed[kind].append((edit, flows))

    attempt()


def chosen(tried: Tried) -> list[tuple[Edit, CompiledFlows]]:
    """Return those that are walked: of each kind in turn."""
    tried.ensure()
    rounds = max(map(len, tried.passed.values()))
    turns = [kept[number] for number in range(rounds) for kept in tried.passed.values() if number < len(kept)]
    return turns[:WALKS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, flows: CompiledFlows
) -> AsyncIterator[School]:
    """A school that has requests, filled by the shipped flows."""
    opened = await School.open(databases.sqlite(tmp_path_factory.mktemp("school") / "school.db"), flows)
    yield opened
    await opened.close()


def test_every_edit_is_refused_with_reasons_or_loads(tried: Tried) -> None:
    tried.ensure()
    assert tried.number >= EDITS
    # Both happen a lot: a check that refused everything would be no use, nor one that refused nothing.
    assert min(tried.refused, tried.number - tried.refused) > EDITS / 5


@pytest.mark.asyncio(loop_scope="module")
async def test_flows_that_pass_the_check_lose_nothing_and_nobody(tried: Tried, school: School) -> None:
    walks = chosen(tried)
    assert len(walks) == WALKS
    wrong = []
    for edit, flows in walks:
        try:
            await school.walk(flows, edit.step, STEPS)
        except AssertionError as error:
            wrong.append(f"{edit.what} at {edit.step}: {error}")
    assert wrong == []
    assert school.actions > WALKS * STEPS * 2


@pytest.mark.asyncio(loop_scope="module")
async def test_a_walk_notices_what_is_lost(school: School, tmp_path: Path) -> None:
    whole = read_all(SHIPPED)
    whole["request"]["steps"]["comment"]["next"] = {"back": True, "say": "Записано."}
    Edit("comments that nobody keeps", whole, "request.comment").write(tmp_path)
    with pytest.raises(FlowError, match='what is sent into "comment" here is lost'):
        load_flows(tmp_path, HOOKS, MOSCOW)
    # As if the check had not noticed.
    flows = compile_flows(read_catalog(tmp_path), HOOKS, MOSCOW)
    with pytest.raises(AssertionError, match=r"is lost: request\.comment leads to main\.menu without it"):
        await school.walk(flows, "request.comment", 30)
