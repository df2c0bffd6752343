"""A check of empty lists: whoever writes one means that nobody, or nothing, is meant."""

from collections.abc import Iterator
from typing import Any

from engine.i18n import message
from engine.language.base import ANY
from engine.reading.catalog import Catalog, KeyPath

NEEDED = {"by", "from", "to", "may_see"}
"""Keys that have to be there, so that they cannot be taken out."""
ALLOWED = {ANY, "transitions"}
"""What is checked with the guards, and what a thing may do without that keeps its status."""


def check_empty_lists(catalog: Catalog) -> None:
    """Report lists that hold nothing: they shut everybody out, leave nothing to choose, or are of no use."""
    for name, flow in catalog.flows.items():
        for path in _empty(flow.raw, KeyPath(name, ())):
            key = path.location[-1]
            what = message('the list under "{key}" is empty', key=key)
            rest = message("name something in it, or take the key out")
            catalog.report(path, what, message("name something in it") if key in NEEDED else rest)
        for key, items in flow.file.lists.items():
            # Items that do not fit the schema are left out of "items".
            if not items and not catalog.raw_keys(name, "lists", key):
                what = message('the list "{name}" is empty', name=key)
                catalog.report(KeyPath(name, ("lists", key)), what, message("name its items, or take it out"), key=True)


def _empty(data: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            if value == [] and key not in ALLOWED:
                yield path.inside(key)
            yield from _empty(value, path.inside(key))
