"""Checks of precedence: no branch or entry stands behind others that are taken wherever it could be."""

from collections.abc import Iterator, Sequence

from engine.check.conjunctions import conflict, implies, opposite
from engine.check.people import People
from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.language.base import Call
from engine.language.dialog import Anywhere, Branch
from engine.reading.catalog import Catalog, KeyPath

_Ways = Sequence[tuple[Branch, KeyPath]]


def check_precedence(catalog: Catalog, hooks: Hooks) -> None:
    """Report what can never be reached, with the place that is taken before it."""
    people = People(hooks.audiences)
    for step in catalog.steps().values():
        _check_branches(catalog, people, _ways(step.step.next_, step.path.inside("next")))
    earlier: dict[str, list[tuple[Branch, KeyPath]]] = {}
    for inputs, entry, path in _entries(catalog):
        ways = _ways(entry.next_, path.inside("next"))
        _check_branches(catalog, people, ways)
        ways = ways or [(entry, path)]
        if not catalog.partial:
            _check_entry(catalog, people, [(each, earlier.get(each, [])) for each in inputs], ways, path)
        for each in inputs:
            earlier.setdefault(each, []).extend(ways)


def _ways(branches: Sequence[Branch], path: KeyPath) -> _Ways:
    return [(branch, path.inside(index)) for index, branch in enumerate(branches)]


def _entries(catalog: Catalog) -> Iterator[tuple[list[str], Anywhere, KeyPath]]:
    """Go through the entries of all files in their order, with the inputs that each of them takes."""
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            yield [*_inputs(entry)], entry, KeyPath(file.flow, ("anywhere", index))


def _inputs(entry: Anywhere) -> Iterator[str]:
    if entry.command:
        yield f"command {entry.command}"
    if entry.payload:
        yield f"payload {entry.payload}"
    if entry.expect:
        where = f"reply to {entry.reply_to}" if entry.reply_to else "message"
        yield from (f"{where} {kind}" for kind in ("text", "photo", "document") if getattr(entry.expect, kind))


def _check_branches(catalog: Catalog, people: People, ways: _Ways) -> None:
    for index, (branch, path) in enumerate(ways):
        taken = _taken_before(people, ways[:index], branch.when)
        if taken:
            _report(catalog, path, *taken)
            # Behind a branch that is always taken everything is lost: once is enough.
            return


def _check_entry(
    catalog: Catalog, people: People, inputs: Sequence[tuple[str, _Ways]], ways: _Ways, path: KeyPath
) -> None:
    """Report an entry before which others take all of its inputs, or those of its inputs before which they do."""
    taken = {each: found for each, earlier in inputs if (found := _all_taken(people, earlier, ways))}
    if taken and len(taken) == len(inputs):
        _report(catalog, path, *next(iter(taken.values())))
        return
    for each, found in taken.items():
        _report(catalog, path.inside("expect", each.rpartition(" ")[2]), *found)


def _all_taken(people: People, earlier: _Ways, ways: _Ways) -> tuple[Branch, KeyPath] | None:
    taken = [_taken_before(people, earlier, branch.when) for branch, _ in ways]
    return taken[0] if all(taken) else None


def _taken_before(people: People, earlier: _Ways, when: Sequence[Call]) -> tuple[Branch, KeyPath] | None:
    """Return the branch by which it is certain that one of the earlier ones is taken where all of `when` hold."""
    if not earlier or conflict(when, people):
        return None
    single: list[Call] = []
    for branch, path in earlier:
        if all(any(implies(each, guard, people) for each in when) for guard in branch.when):
            return branch, path
        if len(branch.when) == 1:
            guard = branch.when[0]
            if any(implies(opposite(each), guard, people) for each in single):
                return branch, path
            single.append(guard)
    return None


def _report(catalog: Catalog, path: KeyPath, branch: Branch, taken_before: KeyPath) -> None:
    place = catalog.position(taken_before)
    if branch.when:
        what = message("nothing comes here: {place} takes all of it before", place=place)
        catalog.report(path, what, message("put it above that one, or give it other conditions"))
    else:
        hint = message('put it above that one, or give that one a "when"')
        catalog.report(path, message("nothing comes here: {place} takes everything before", place=place), hint)
