"""Checks of precedence: no branch or entry stands behind one that is always taken."""

from collections.abc import Iterator

from engine.i18n import message
from engine.language.dialog import Anywhere, Branch
from engine.reading.catalog import Catalog, KeyPath


def check_precedence(catalog: Catalog) -> None:
    """Report what can never be reached, with the place that takes everything before it."""
    for step in catalog.steps().values():
        _check_branches(catalog, step.step.next_, step.path.inside("next"))
    entries = [*_entries(catalog)]
    for _, entry, path in entries:
        _check_branches(catalog, entry.next_, path.inside("next"))
    if catalog.partial:
        return
    for number, (inputs, _, path) in enumerate(entries):
        for earlier, before, place in entries[:number]:
            if inputs and inputs <= earlier and _takes_everything(before):
                _report(catalog, path, place)
                break


def _entries(catalog: Catalog) -> Iterator[tuple[frozenset[str], Anywhere, KeyPath]]:
    """Go through the entries of all files in their order, with the inputs that each of them takes."""
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            yield frozenset(_inputs(entry)), entry, KeyPath(file.flow, ("anywhere", index))


def _inputs(entry: Anywhere) -> Iterator[str]:
    if entry.command:
        yield f"command {entry.command}"
    if entry.payload:
        yield f"payload {entry.payload}"
    if entry.expect:
        where = f"reply to {entry.reply_to}" if entry.reply_to else "message"
        yield from (f"{where} {kind}" for kind in ("text", "photo", "document") if getattr(entry.expect, kind))


def _takes_everything(entry: Anywhere) -> bool:
    return any(not branch.when for branch in entry.next_ or [entry])


def _check_branches(catalog: Catalog, branches: list[Branch], path: KeyPath) -> None:
    always = next((index for index, branch in enumerate(branches) if not branch.when), len(branches))
    if always + 1 < len(branches):
        _report(catalog, path.inside(always + 1), path.inside(always))


def _report(catalog: Catalog, path: KeyPath, taken_before: KeyPath) -> None:
    place = catalog.position(taken_before)
    hint = message('put it above that one, or give that one a "when"')
    catalog.report(path, message("nothing comes here: {place} takes everything before", place=place), hint)
