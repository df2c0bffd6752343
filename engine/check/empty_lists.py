"""A check of empty lists: whoever writes one means that nobody, or nothing, is meant."""

from collections.abc import Iterator
from typing import Any

from engine.i18n import message
from engine.language.base import ANY
from engine.reading.catalog import Catalog, KeyPath


def check_empty_lists(catalog: Catalog) -> None:
    """Report lists that hold nothing: they shut everybody out, or are of no use."""
    for name, flow in catalog.flows.items():
        for path in _empty(flow.raw, KeyPath(name, ())):
            what = message('the list under "{key}" is empty', key=path.location[-1])
            catalog.report(path, what, message("name something in it, or take the key out"))


def _empty(data: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            # What "any" is given is checked with the guards.
            if value == [] and key != ANY:
                yield path.inside(key)
            yield from _empty(value, path.inside(key))
