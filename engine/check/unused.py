"""Checks of what flows describe and never use, or use by a name that is taken."""

from collections.abc import Iterable

from engine.check.references import Definition, Names, list_names, notice_names
from engine.check.texts import Words
from engine.hooks.registry import Hooks
from engine.i18n import Message, message
from engine.problems import nearest
from engine.reading.catalog import Catalog, KeyPath, outcome_branches

ALL = "all"
"""What a status button says for every transition, so that none can have the name."""


def check_unused(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> None:
    """Report lists and notices that nothing uses, and names that mean something else already."""
    taken = {*_taken_lists(catalog, hooks)}
    if catalog.complete():
        lists = list_names(catalog, hooks, words)
        # One that words name by a misspelt name is used.
        meant = {nearest(each.name, each.known) for each in lists[1] if each.name not in each.known}
        # An empty list is reported as such.
        empty = {name for file in catalog.files() for name, items in file.lists.items() if not items}
        for each in _unused(lists):
            if each.name not in taken | meant | empty:
                _report(catalog, each, message('nothing uses the list "{name}"', name=each.name))
        for each in _unused(notice_names(catalog, hooks)) if not _names_none(catalog) else ():
            _report(catalog, each, message('nothing sends the notice "{name}"', name=each.name))
    for file, status in catalog.statuses():
        for index, transition in enumerate(status.transitions):
            if transition.name == ALL:
                path = KeyPath(file.flow, ("status", "transitions", index, "name"))
                what = message('no transition can be called "{name}": a button means every one by it', name=ALL)
                catalog.report(path, what, message("give it another name"))


def _names_none(catalog: Catalog) -> bool:
    """Return whether notices are sent somewhere and none is named, which is a mistake of its own."""
    branches = ((branch, branch.tell) for at in catalog.branches() for _, branch, _ in outcome_branches(at))
    transitions = ((each, each.tell) for _, status in catalog.statuses() for each in status.transitions)
    return any("tell" in each.model_fields_set and not tell for each, tell in (*branches, *transitions))


def _unused(names: Names) -> list[Definition]:
    definitions, references = names
    used = {(each.space, each.name) for each in references}
    return [each for each in definitions if (each.space, each.name) not in used]


def _report(catalog: Catalog, each: Definition, what: Message) -> None:
    catalog.report(each.path, what, message("use it, or take it out"), key=each.key)


def _taken_lists(catalog: Catalog, hooks: Hooks) -> Iterable[str]:
    """Report lists by whose name a source, or the statuses of a subject, are meant; go through their names."""
    statuses = {f"{file.subject}_status" for file, _ in catalog.statuses() if file.subject}
    for file in catalog.files():
        for name in file.lists:
            is_statuses = name in statuses
            if is_statuses or name in hooks.sources:
                of_statuses = message('the list "{name}" is that of the statuses already', name=name)
                of_a_source = message('the list "{name}" has the name of a source', name=name)
                path, hint = KeyPath(file.flow, ("lists", name)), message("give it another name")
                catalog.report(path, of_statuses if is_statuses else of_a_source, hint, key=True)
                yield name
