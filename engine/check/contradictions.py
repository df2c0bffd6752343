"""Checks of guards that stand together: none stands twice, and all of them can hold at once."""

from collections.abc import Iterator, Sequence

from engine.hooks.registry import IS
from engine.i18n import message
from engine.language.base import Call
from engine.reading.catalog import Catalog, KeyPath, outcome_branches


def check_contradictions(catalog: Catalog) -> None:
    """Report guards that stand twice beside each other, or of which nobody can ever meet all."""
    for calls, path in _lists(catalog):
        for index, call in enumerate(calls):
            before = calls[:index]
            if call in before:
                what = message('"{guard}" stands here twice', guard=_written(call))
                catalog.report(path.inside(index), what, message("take one of the two out"))
            elif found := next((each for each in before if _excludes(each, call)), None):
                what = message(
                    'nobody meets both "{first}" and "{second}"', first=_written(found), second=_written(call)
                )
                catalog.report(path.inside(index), what, message("take one of the two out"))
    for file, status in catalog.statuses():
        for number, transition in enumerate(status.transitions):
            denied = [each for each in transition.when if each.negated]
            if transition.by and (shut := _shut_out(transition.by, denied)):
                path = KeyPath(file.flow, ("status", "transitions", number, "when", transition.when.index(shut)))
                what = message('nobody meets "{guard}" of those whom "by" names', guard=_written(shut))
                catalog.report(path, what, message('take it out, or name others under "by"'))


def _lists(catalog: Catalog) -> Iterator[tuple[Sequence[Call], KeyPath]]:
    """Go through the lists of guards all of which have to hold."""
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            yield branch.when, path.inside("when")
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            yield transition.when, KeyPath(file.flow, ("status", "transitions", index, "when"))
    for _, _, deadline, path in catalog.deadlines():
        yield deadline.when, path.inside("when")


def _excludes(first: Call, second: Call) -> bool:
    same = (first.name, first.arguments) == (second.name, second.arguments)
    if same and first.negated != second.negated:
        return True
    return first.name == second.name == IS and not first.negated and not second.negated and _differ(first, second)


def _differ(first: Call, second: Call) -> bool:
    """Return whether two `is` ask one variable for values of which none is in both."""
    if not isinstance(first.arguments, dict) or not isinstance(second.arguments, dict):
        return False
    shared = first.arguments.keys() & second.arguments.keys()
    return any(not _values(first.arguments[name]) & _values(second.arguments[name]) for name in shared)


def _values(wanted: object) -> set[str]:
    return {str(each) for each in (wanted if isinstance(wanted, list) else [wanted])}


def _shut_out(by: Sequence[Call], denied: Sequence[Call]) -> Call | None:
    """Return the guard that denies each of those who may make a transition, None where somebody is left."""
    found = [next((no for no in denied if (no.name, no.arguments) == (each.name, each.arguments)), None) for each in by]
    return found[0] if all(found) else None


def _written(call: Call) -> str:
    given = "" if call.arguments is None else f" {_short(call.arguments)}"
    return f"{'not ' if call.negated else ''}{call.name}{given}"


def _short(arguments: object) -> str:
    if isinstance(arguments, dict):
        return ", ".join(f"{name}: {_short(value)}" for name, value in arguments.items())
    return ", ".join(map(str, arguments)) if isinstance(arguments, list) else str(arguments)
