"""Checks of guards that stand together: none stands twice, and all of them can hold at once."""

from collections.abc import Iterator, Sequence

from engine.check.calls import HookCall, hook_calls
from engine.check.conjunctions import conflict, excludes, is_never
from engine.check.kinds import subjects_in_scope
from engine.check.people import People
from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.language.base import ANY, Call, alternatives
from engine.language.file import FlowFile
from engine.language.status import TIMER, Transition
from engine.reading.catalog import Catalog, KeyPath, outcome_branches


def check_contradictions(catalog: Catalog, hooks: Hooks) -> None:
    """Report guards that stand twice beside each other, and those that nobody can ever meet."""
    people = People(hooks.audiences)
    for each in hook_calls(catalog):
        if each.kind in {"guard", "role"}:
            _check_alone(catalog, hooks, people, each)
    for calls, path in _lists(catalog):
        for index, call in enumerate(calls):
            inner = alternatives(call) if call.name == ANY else []
            _check_twice(catalog, inner, path.inside(index, ANY))
        if not _check_twice(catalog, calls, path):
            _check_together(catalog, people, calls, path)
    for file, status in catalog.statuses():
        for number, transition in enumerate(status.transitions):
            path = KeyPath(file.flow, ("status", "transitions", number, "when"))
            _check_by(catalog, people, [transition], transition.when, path)
        _check_buttons(catalog, people, file, status.transitions)


def written(call: Call) -> str:
    """Return a guard as a flow would name it, more or less."""
    given = "" if call.arguments is None else f" {_short(call.arguments)}"
    return f"{'not ' if call.negated else ''}{call.name}{given}"


def _short(arguments: object) -> str:
    if isinstance(arguments, dict):
        return ", ".join(f"{name}: {_short(value)}" for name, value in arguments.items())
    return ", ".join(map(_short, arguments)) if isinstance(arguments, list) else str(arguments)


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


def _check_alone(catalog: Catalog, hooks: Hooks, people: People, each: HookCall) -> None:
    # That there is no subject for a relation is reported as such.
    has_subject = each.at is None or any(subjects_in_scope(catalog, hooks, each.at, ""))
    if is_never(each.call, people) and (has_subject or hooks.audiences[each.call.name].about is None):
        what = message('nobody meets "{guard}" when this is asked', guard=written(each.call))
        catalog.report(each.path, what, message("name others"))


def _check_twice(catalog: Catalog, calls: Sequence[Call], path: KeyPath) -> bool:
    """Report the guards that stand twice; return whether there are any."""
    found = [index for index, call in enumerate(calls) if call in calls[:index]]
    for index in found:
        what = message('"{guard}" stands here twice', guard=written(calls[index]))
        catalog.report(path.inside(index), what, message("take one of the two out"))
    return bool(found)


def _check_together(catalog: Catalog, people: People, calls: Sequence[Call], path: KeyPath) -> None:
    found = None if any(is_never(each, people) for each in calls) else conflict(calls, people)
    if found:
        index, before = found
        first = written(before) if before else " and ".join(map(written, calls[:index]))
        what = message('nobody meets both "{first}" and "{second}"', first=first, second=written(calls[index]))
        catalog.report(path.inside(index), what, message("take one of the two out"))


def _check_by(
    catalog: Catalog, people: People, transitions: Sequence[Transition], when: Sequence[Call], path: KeyPath
) -> None:
    """Report the first of the guards `when` that none of those who may make one of the transitions can meet."""
    if not when or conflict(when, people):
        return
    guilty: set[int] = set()
    for transition in transitions:
        beside = [] if when is transition.when else transition.when
        for role in transition.by:
            if role.name == TIMER or is_never(role, people):
                return
            shut_out = (
                index
                for index, guard in enumerate(when)
                if any(excludes(each, guard, people) for each in (role, *beside))
            )
            index = next(shut_out, None)
            if index is None:
                return
            guilty.add(index)
    if guilty:
        what = message('nobody meets "{guard}" of those whom "by" names', guard=written(when[min(guilty)]))
        catalog.report(path.inside(min(guilty)), what, message('take it out, or name others under "by"'))


def _check_buttons(catalog: Catalog, people: People, file: FlowFile, transitions: Sequence[Transition]) -> None:
    for step in catalog.steps().values():
        for index, button in enumerate(step.step.buttons) if step.step.about == file.subject else ():
            shown = [each for each in transitions if button.status in {"all", each.name}]
            _check_by(catalog, people, shown, button.when, step.path.inside("buttons", index, "when"))
