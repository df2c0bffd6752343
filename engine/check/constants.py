"""Checks of constants: what is printed as it is written holds no template."""

from collections.abc import Iterator

from engine.i18n import message
from engine.language.file import ListItem
from engine.language.status import State
from engine.reading.catalog import Catalog, KeyPath, outcome_branches


def check_constants(catalog: Catalog) -> None:
    """Report braces in labels, icons and values, where they would be printed."""
    for text, path in _constants(catalog):
        if "{{" in text or "{%" in text:
            what = message("braces are printed here as they are: nothing is filled in")
            catalog.report(path, what, message("write the words out"))


def _constants(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    for file in catalog.files():
        here = KeyPath(file.flow, ())
        for name, items in file.lists.items():
            for key, item in items.items():
                yield from _labels(item, here.inside("lists", name, key))
        for name, state in file.status.states.items() if file.status else ():
            yield from _labels(state, here.inside("status", "states", name))
        for index, entry in enumerate(file.anywhere):
            yield entry.label or "", here.inside("anywhere", index, "label")
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            for name, value in branch.set.items():
                if isinstance(value, str):
                    yield value, path.inside("set", name)


def _labels(each: ListItem | State, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    yield each.label, path.inside("label")
    yield each.icon, path.inside("icon")
