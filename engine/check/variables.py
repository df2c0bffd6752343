"""Every variable that is needed, given, forgotten or asked for must be filled somewhere."""

from engine.language.base import Call
from engine.language.dialog import Branch
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath, full_name, outcome_branches
from engine.reading.scopes import Filling, Scopes


def check_variables(catalog: Catalog, scopes: Scopes) -> None:
    """Report variables that nothing fills or that are filled with two kinds of things, and calls that give nothing."""
    for filling in scopes.fillings.values():
        _check_filling(catalog, scopes, filling)
    for step in catalog.steps().values():
        for name in step.step.needs:
            _filled(catalog, scopes, step.path.inside("needs", name), name)
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            _check_branch(catalog, scopes, branch, path)
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            _guards(catalog, scopes, transition.when, KeyPath(file.flow, ("status", "transitions", index)))


def _check_branch(catalog: Catalog, scopes: Scopes, branch: Branch, path: KeyPath) -> None:
    if branch.give:
        _filled(catalog, scopes, path.inside("give"), branch.give)
    if branch.call and full_name(path.flow, branch.call) in catalog.steps():
        if scopes.given(full_name(path.flow, branch.call)) is None and catalog.whole():
            catalog.report(
                path.inside("call"), f'the dialog at "{branch.call}" gives nothing back', 'end it with "give"'
            )
        elif branch.into is None and catalog.whole():
            catalog.report(path.inside("call"), '"into" is missing: where does the value go?')
    for name, target in branch.move.items():
        _filled(catalog, scopes, path.inside("move", name), name)
        if "." not in target:
            what = f'"{target}" is in no draft, and the dialog that holds it may end here'
            catalog.report(path.inside("move", name), what, f"move it to draft.{target}")
    for index, name in enumerate(branch.forget):
        if name not in {"draft", "person"}:
            _filled(catalog, scopes, path.inside("forget", index), name)
    _guards(catalog, scopes, branch.when, path)


def _check_filling(catalog: Catalog, scopes: Scopes, filling: Filling) -> None:
    name, path = filling.name, filling.path
    is_key = path.location[-1] == name
    owner, _, short = name.rpartition(".")
    taken = set(scopes.hooks.person.fields) if owner == "person" else set() if owner else _names(scopes)
    if filling.clash:
        here, there = filling.clash
        catalog.report(
            path, f'"{name}" gets {here} here and {there} elsewhere', "keep them in two variables", key=is_key
        )
    if short in taken:
        catalog.report(path, f'the name "{name}" is taken', "words would print something else by it", key=is_key)


def _names(scopes: Scopes) -> set[str]:
    """Return the names that words know without any variable."""
    own = {"draft", "person", "actor", "answer", "row", "loop"}
    return {*own, *scopes.hooks.subjects, *(name for name, source in scopes.hooks.sources.items() if not source.rows)}


def _guards(catalog: Catalog, scopes: Scopes, guards: list[Call], path: KeyPath) -> None:
    for index, guard in enumerate(guards):
        name = guard.arguments.get("name") if isinstance(guard.arguments, dict) else guard.arguments
        if guard.name == "has" and isinstance(name, str):
            _filled(catalog, scopes, path.inside("when", index), name)


def _filled(catalog: Catalog, scopes: Scopes, path: KeyPath, name: str) -> None:
    elsewhere = catalog.lost and "." in name
    if name != "draft" and not elsewhere and scopes.variable(path.flow, name) is None:
        known = {*scopes.kept.get(path.flow, {})}
        known |= {f"{owner}.{key}" for owner in ("draft", "person") for key in scopes.kept.get(owner, {})}
        is_key = path.location[-1] == name
        catalog.report(path, f'nothing fills the variable "{name}"', did_you_mean(name, known), key=is_key)
