"""Checks of constants: what is printed as it is written is words, and holds neither a template nor a tag."""

import re
from collections.abc import Iterator

from engine.i18n import message
from engine.language.file import ListItem
from engine.language.status import State
from engine.letters import is_blank
from engine.markup import TAGS
from engine.reading.catalog import Catalog, KeyPath, outcome_branches

_TAG = re.compile(r"</?([A-Za-z]+)[^<>]*>")


def check_constants(catalog: Catalog) -> None:
    """Report braces and tags in labels, icons and values, where they would be printed, and labels of nothing."""
    for text, path in _constants(catalog):
        if path.location[-1] == "label" and is_blank(text):
            blank = message("people would see nothing of these words")
            catalog.report(path, blank, message("say something, or take the key out"))
        if (tag := _TAG.search(text)) and tag[1].lower() in TAGS:
            printed = message('"{words}" is printed as it is: these words are plain', words=tag[0])
            catalog.report(path, printed, message("take the tags out"))
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
        labels = ((index, entry.label) for index, entry in enumerate(file.anywhere))
        yield from ((label, here.inside("anywhere", index, "label")) for index, label in labels if label is not None)
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            constants = branch.set.items()
            yield from ((value, path.inside("set", name)) for name, value in constants if isinstance(value, str))


def _labels(each: ListItem | State, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    yield each.label, path.inside("label")
    yield each.icon, path.inside("icon")
