"""How the work of the check grows with the flows."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from bot.helpdesk.hooks.registry import build_hooks
from engine.check import check
from engine.reading.catalog import Catalog
from engine.reading.loader import load
from tests.conversation import MOSCOW, SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

ONCE = re.compile(r"^(start|phrases|lists|status|subject|card|may_see|notices|anywhere|draft|moved):", re.MULTILINE)
FLOWS = [path.stem for path in SHIPPED.glob("*.yaml")]


def multiply(folder: Path, times: int) -> Path:
    """Write the shipped flows and copies of their steps; a copy leads to steps of the same copy."""
    folder.mkdir()
    for path in SHIPPED.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text, encoding="utf-8")
        steps = text[text.index("\nsteps:") :]
        for number in range(1, times):
            renamed = re.sub(rf"\b({'|'.join(FLOWS)})\.(?=[a-z])", rf"\g<1>_{number}.", steps)
            # Words print a request, a flow is only led to.
            renamed = re.sub(rf"(\{{[{{%][^}}]*?)\b({'|'.join(FLOWS)})_{number}\.", r"\1\2.", renamed)
            (folder / f"{path.stem}_{number}.yaml").write_text(
                f"flow: {path.stem}_{number}\n{renamed}", encoding="utf-8"
            )
    return folder


def work_of(folder: Path) -> int:
    """Return how many Python functions the check of `folder` calls."""
    flows, _ = load(folder)
    catalog, calls = Catalog.of(flows), 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check(catalog, build_hooks(), MOSCOW)
    finally:
        sys.setprofile(before)
    return calls


def test_twice_the_flows_are_twice_the_work(tmp_path: Path) -> None:
    once, twice = (work_of(multiply(tmp_path / str(times), times)) for times in (4, 8))
    assert once < twice < 2.3 * once
