"""One edit of flows, drawn by Hypothesis: what a maintainer might try."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Flows = dict[str, Any]
    Draw = Callable[[st.SearchStrategy[Any]], Any]

_VARIABLE = re.compile(r"draft\.[a-z_]+|person\.[a-z_]+")
LEADING = ("go", "call", "edit")


@dataclass(frozen=True, slots=True)
class Edit:
    """Flows after an edit, by the names of their files; `step` is the one that was edited, named flow.step."""

    what: str
    flows: Flows
    step: str

    def write(self, folder: Path) -> None:
        """Put the flows into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, flow in self.flows.items():
            text = yaml.dump(flow, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000)
            (folder / f"{name}.yaml").write_text(text, "utf-8")


def read_all(folder: Path) -> Flows:
    """Return the flows of a folder as plain data."""
    return {path.stem: yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) for path in sorted(folder.glob("*.yaml"))}


@st.composite
def edits(draw: Draw, shipped: Flows, kind: str) -> Edit:
    """Draw an edit of a kind, of these flows."""
    flows = copy.deepcopy(shipped)
    step = KINDS[kind](draw, flows)
    return Edit(kind, flows, step)


def _any_step(draw: Draw, flows: Flows, wanted: Callable[[Any], bool] = lambda _: True) -> tuple[str, Any]:
    """Return one of the steps that are wanted, with its full name."""
    found = [
        (f"{name}.{step}", body)
        for name, flow in flows.items()
        for step, body in flow.get("steps", {}).items()
        if wanted(body)
    ]
    return draw(st.sampled_from(found)) if found else ("main.menu", flows["main"]["steps"]["menu"])


def _strings(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield at, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _strings(inner, (*at, key))


def _branches(value: Any, key: Any = None) -> Iterator[Any]:
    """Go through everything that leads somewhere or does something."""
    if isinstance(value, dict):
        if key is not None and {*LEADING, "do", "say", "back", "give", "when", "forget"} & value.keys():
            yield value
        for inner_key, inner in value.items():
            yield from _branches(inner, inner_key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _branches(inner, index)


def _replaced(value: Any, before: str, after: str) -> Any:
    pattern = rf"(?<![\w.]){re.escape(before)}(?!\w)"
    if isinstance(value, str):
        return re.sub(pattern, after, value)
    if isinstance(value, dict):
        return {re.sub(pattern, after, str(key)): _replaced(each, before, after) for key, each in value.items()}
    return [_replaced(each, before, after) for each in value] if isinstance(value, list) else value


def _rename_a_variable(draw: Draw, flows: Flows) -> str:
    names = sorted({name for _, text in _strings(flows) for name in _VARIABLE.findall(text)})
    name = draw(st.sampled_from(names))
    for flow in flows:
        flows[flow] = _replaced(flows[flow], name, f"{name}_too")
    return "request.describe"


def _drop_a_step(draw: Draw, flows: Flows) -> str:
    name, _ = _any_step(draw, flows)
    flow, _, step = name.partition(".")
    del flows[flow]["steps"][step]
    return "main.menu"


def _skip_a_question(draw: Draw, flows: Flows) -> str:
    """Lead on past a step that asks something, and take it out."""
    name, body = _any_step(draw, flows, lambda step: isinstance(step.get("next"), str))
    flow, _, step = name.partition(".")
    onward = body.get("next", "menu")
    del flows[flow]["steps"][step]
    for branch in _branches(flows):
        for key in LEADING:
            if branch.get(key) in (step, name):
                branch[key] = f"{flow}.{onward}" if "." not in onward else onward
    for each in flows[flow]["steps"].values():
        if each.get("next") == step:
            each["next"] = onward
    return f"{flow}.{onward}" if "." not in onward else onward


def _drop_an_expectation(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: "expect" in step or "choose" in step)
    key = draw(st.sampled_from([key for key in ("expect", "choose") if key in body] or ["text"]))
    if key == "expect" and draw(st.booleans()):
        body["expect"].pop(draw(st.sampled_from(sorted(body["expect"]))))
    else:
        body.pop(key)
    return name


def _change_bounds(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: "text" in step.get("expect", {}))
    typed = body.get("expect", {}).get("text", {})
    typed[draw(st.sampled_from(["min", "max"]))] = draw(st.sampled_from([1, 2, 10, 100, 500, 1000, 2000, 4096, 5000]))
    return name


def _change_a_page(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: "choose" in step or "list" in step)
    rows = body.get("choose") or body.get("list") or {}
    rows[draw(st.sampled_from(["page", "columns"]))] = draw(st.integers(1, 5))
    return name


def _swap_a_source(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: "choose" in step or "list" in step)
    source = draw(st.sampled_from(["places", "categories", "priority", "crew_members", "queue", "role"]))
    if "choose" in body:
        body["choose"]["from"] = source
    elif "list" in body:
        body["list"]["rows"] = source
    return name


def _add_a_list_item(draw: Draw, flows: Flows) -> str:
    lists = [items for flow in flows.values() for items in flow.get("lists", {}).values()]
    draw(st.sampled_from(lists))["critical"] = {"label": "Беда", "icon": "🔥"}
    return "request.priority"


def _move_an_action(draw: Draw, flows: Flows) -> str:
    """Move an action onto a transition, or from one branch to another."""
    acting = [branch for branch in _branches(flows) if "do" in branch]
    source = draw(st.sampled_from(acting))
    targets = [*flows["request"]["status"]["transitions"], *_branches(flows["request"]["steps"])]
    target = draw(st.sampled_from(targets))
    action, outcomes = source.pop("do"), source.pop("else", None)
    target["do"] = action
    if outcomes and draw(st.booleans()):
        target["else"] = outcomes
    return "request.card"


def _reorder(draw: Draw, flows: Flows) -> str:
    """Put ways, buttons or what is open anywhere into another order."""
    if draw(st.booleans()):
        flow = draw(st.sampled_from([each for each in flows.values() if len(each.get("anywhere", ())) > 1]))
        flow["anywhere"] = draw(st.permutations(flow["anywhere"]))
        return "main.menu"
    name, body = _any_step(draw, flows, lambda step: len(step.get("buttons", ())) > 1)
    body["buttons"] = draw(st.permutations(body["buttons"]))
    return name


def _lead_elsewhere(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: any("go" in each for each in _branches(step)))
    branch = draw(st.sampled_from([each for each in _branches(body) if "go" in each] or [{}]))
    branch["go"] = _any_step(draw, flows)[0]
    return name


def _drop_a_key(draw: Draw, flows: Flows) -> str:
    """Take a guard, an answer, a notice or what is forgotten out of a branch."""
    flow = draw(st.sampled_from(sorted(flows)))
    keys = ("when", "say", "tell", "forget", "close", "else", "set", "do", "back", "beside", "name", "move")
    found = [(branch, key) for branch in _branches(flows[flow]) for key in keys if key in branch]
    branch, key = draw(st.sampled_from(found)) if found else ({"say": ""}, "say")
    del branch[key]
    return draw(st.sampled_from([f"{flow}.{step}" for step in flows[flow].get("steps", {})] or ["main.menu"]))


def _guard_a_branch(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows)
    branch = draw(st.sampled_from([*_branches(body)] or [{}]))
    guards = ["insider", "manager", "not manager", "participant", "has_files", {"has": "draft"}, {"not has": "draft"}]
    branch["when"] = draw(st.sampled_from(guards))
    return name


def _drop_a_button(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows, lambda step: step.get("buttons"))
    buttons = body.get("buttons", [])
    if buttons:
        buttons.pop(draw(st.integers(0, len(buttons) - 1)))
    return name


def _add_a_button(draw: Draw, flows: Flows) -> str:
    name, body = _any_step(draw, flows)
    ways = [{"go": _any_step(draw, flows)[0]}, {"back": True}, {"cancel": True}, {"next": True}, {"go": "main.menu"}]
    body.setdefault("buttons", []).append({"text": "Ещё", "name": "more", **draw(st.sampled_from(ways))})
    return name


def _expect_more(draw: Draw, flows: Flows) -> str:
    """Take words, photos or documents where they were not taken before."""
    name, body = _any_step(draw, flows)
    kind = draw(st.sampled_from(["text", "photo", "document"]))
    into = draw(st.sampled_from(["draft.description", "draft.files", "note", "remark"]))
    body.setdefault("expect", {})[kind] = {"into": into}
    return name


def _change_a_transition(draw: Draw, flows: Flows) -> str:
    transition = draw(st.sampled_from(flows["request"]["status"]["transitions"]))
    key = draw(st.sampled_from(["by", "ask", "tell", "to", "from", "say", "late", "when"]))
    values: dict[str, list[Any]] = {
        "by": ["crew", "manager", "author", "staff", "viewer"],
        "ask": [{"reason": "reason"}, {"person": "admin.pick"}, {"report": "files.report"}],
        "tell": ["new", "taken", "done", "reopened"],
        "to": ["open", "in_progress", "on_hold", "completed"],
        "from": ["open", "in_progress", ["open", "on_hold"]],
        "say": ["Готово.", "№{{ request.number }}"],
        "late": ["Поздно."],
        "when": ["has_files", {"within": "7d"}],
    }
    if key in transition and draw(st.booleans()):
        del transition[key]
    else:
        transition[key] = draw(st.sampled_from(values[key]))
    return "request.card"


def _change_a_reply(draw: Draw, flows: Flows) -> str:
    """Change what is open in every step: what it keeps, does or answers."""
    flow = draw(st.sampled_from([each for each in flows.values() if each.get("anywhere")]))
    entry = draw(st.sampled_from(flow["anywhere"]))
    entry.pop(draw(st.sampled_from(sorted(entry))))
    return "main.menu"


KINDS: dict[str, Callable[[Draw, Flows], str]] = {
    "add a button": _add_a_button,
    "add a list item": _add_a_list_item,
    "change a page": _change_a_page,
    "change a reply": _change_a_reply,
    "change a transition": _change_a_transition,
    "change bounds": _change_bounds,
    "drop a button": _drop_a_button,
    "drop a key": _drop_a_key,
    "drop a step": _drop_a_step,
    "drop an expectation": _drop_an_expectation,
    "expect more": _expect_more,
    "guard a branch": _guard_a_branch,
    "lead elsewhere": _lead_elsewhere,
    "move an action": _move_an_action,
    "rename a variable": _rename_a_variable,
    "reorder": _reorder,
    "skip a question": _skip_a_question,
    "swap a source": _swap_a_source,
}
