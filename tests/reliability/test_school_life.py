"""Whatever people do and whatever fails, everything is in order in the end."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conversation import shipped_flows
from tests.flow_editing import Editor
from tests.reliability.pace import SCALE
from tests.reliability.school_life import SchoolLife

if TYPE_CHECKING:
    from pathlib import Path

    from engine.compiled import CompiledFlows
    from tests.databases import Databases


@pytest.fixture(scope="module")
def flow_versions(flows: CompiledFlows, tmp_path_factory: pytest.TempPathFactory) -> list[CompiledFlows]:
    """Give the shipped flows, some in which a step has moved, and some in which two are gone without a word."""
    renamed = Editor(tmp_path_factory.mktemp("flows") / "renamed")
    renamed.rename_step("request.place", "where")
    renamed.edit("request.yaml", lambda flow: flow.update(moved={"place": "where"}))
    shorter = Editor(tmp_path_factory.mktemp("flows") / "shorter")
    shorter.edit("main.yaml", _without_help)
    shorter.edit("request.yaml", _without_finished)
    return [flows, shipped_flows(renamed.path), shipped_flows(shorter.path)]


def _without_help(flow: dict[str, Any]) -> None:
    del flow["steps"]["help"]
    flow["anywhere"] = [way for way in flow["anywhere"] if way["command"] != "help"]
    menu = flow["steps"]["menu"]
    menu["buttons"] = [button for button in menu["buttons"] if button["go"] != "help"]


def _without_finished(flow: dict[str, Any]) -> None:
    del flow["steps"]["mine_finished"], flow["steps"]["mine"]["buttons"][0]


@pytest.mark.parametrize(("kind", "lives"), [("sqlite", 6), ("postgresql", 2)])
def test_whatever_happens_at_a_school_everything_is_in_order_in_the_end(
    databases: Databases, tmp_path: Path, flow_versions: list[CompiledFlows], kind: str, lives: int
) -> None:
    numbers = count()
    with ExitStack() as opened:

        def begin() -> SchoolLife:
            if kind == "sqlite":
                return SchoolLife(databases.sqlite(tmp_path / f"{next(numbers)}.db"), flow_versions)
            return SchoolLife(opened.enter_context(databases.postgresql()), flow_versions)

        run_state_machine_as_test(
            begin,
            settings=settings(
                max_examples=lives * SCALE,
                stateful_step_count=40,
                # A failing life is told as it was: to find a shorter one takes minutes.
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )
