"""What the code can log, read from the code: every call of a logger, and every domain event that is reported.

And what the page for operators says of it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from engine import domain_events
from engine.hooks.inputs import INCOMPLETE

ROOT = Path(__file__).resolve().parents[2]
SECTION = (
    (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("\n## Logs\n")[2].partition("\n## ")[0]
)
ROWS = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \| ?([`\w ]*?) ?\|", SECTION, re.MULTILINE)
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


@dataclass
class Logged:
    """An event: its levels, its fields; `is_open` where some fields are only known when it happens."""

    levels: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    is_open: bool = False


def logged() -> dict[str, Logged]:
    """Return every event by its name."""
    found: dict[str, Logged] = {}
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("storage/**/*.py"), *ROOT.glob("engine/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                _note(node, found)
    return found


def documented() -> dict[str, Logged]:
    """Return every event of the table for operators by its name; of a name that stands there twice the last."""
    return {name: Logged(set(levels.split(", ")), set(re.findall(r"`(\w+)`", said))) for name, levels, said in ROWS}


def refusals() -> set[str]:
    """Return every reason of a refusal: the bot's phrases, what the engine says, the outcomes of actions."""
    found: set[str] = {INCOMPLETE}
    for path in [*ROOT.glob("engine/running/*.py"), *ROOT.glob("bot/helpdesk/hooks/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="refusal"), args=[_, ast.Constant(value=str(reason))]):
                    found.add(reason)
                case ast.Call(func=ast.Attribute(attr="refused"), args=[ast.Constant(value=str(reason))]):
                    found.add(reason)
                case ast.Call(func=ast.Attribute(attr="action"), args=[_, *outcomes]):
                    found |= {each.value for each in outcomes if isinstance(each, ast.Constant)}
    return found


def _note(call: ast.Call, found: dict[str, Logged]) -> None:
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[ast.Constant(value=str(name))]
        ) if level in LEVELS:
            _add(found.setdefault(name, Logged()), {level if level != "exception" else "error"}, call)
        case ast.Call(func=ast.Name(id="log_failure"), args=[_, ast.Constant(value=str(name)), _]):
            event = found.setdefault(name, Logged())
            _add(event, {"debug", "warning", "error"}, call)
            event.fields |= {"reason", "error", "at"}
        case ast.Call(func=ast.Attribute(attr="emit"), args=[ast.Constant(value=str(name))]):
            _emitted(name, call, found)
        case ast.Call(func=ast.Attribute(attr="emit"), args=[ast.Name(id=constant)]) if constant.isupper():
            _emitted(getattr(domain_events, constant), call, found)


def _emitted(name: str, call: ast.Call, found: dict[str, Logged]) -> None:
    event = found.setdefault(f"request_{name}", Logged())
    _add(event, {"info"}, call)
    event.fields |= {"request_id", "user_id"}


def _add(event: Logged, levels: set[str], call: ast.Call) -> None:
    names = {each.arg for each in call.keywords}
    event.levels |= levels
    event.is_open = event.is_open or None in names
    event.fields |= {name for name in names - {"exc_info"} if name}
    if "exc_info" in names or (isinstance(call.func, ast.Attribute) and call.func.attr == "exception"):
        event.fields |= {"error", "at"}
