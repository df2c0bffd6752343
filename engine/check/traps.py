"""Traps in a graph: places that lead only to each other."""

from collections.abc import Mapping, Set


def traps(onward: Mapping[str, Set[str]], ends: Set[str]) -> list[list[str]]:
    """Return the groups of places whose ways lead only to places of the same group; none leads to one of `ends`.

    Places and groups come in the order of `onward`, which says where each place leads; each leads somewhere, or is one
    of `ends`. The time is proportional to the number of ways.
    """
    inside = {name: onward[name] for name in onward.keys() - _leading_to(onward, ends)}
    found: list[list[str]] = []
    place = {name: index for index, name in enumerate(onward)}
    for group in _groups(inside):
        if all(inside[name] <= group for name in group):
            found.append(sorted(group, key=place.__getitem__))
    return sorted(found, key=lambda group: place[group[0]])


def _leading_to(onward: Mapping[str, Set[str]], ends: Set[str]) -> set[str]:
    """Return the places from which one of `ends` can be reached."""
    backward: dict[str, set[str]] = {}
    for name, targets in onward.items():
        for target in targets:
            backward.setdefault(target, set()).add(name)
    found, todo = set[str](), [*ends]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += backward.get(name, ())
    return found


def _groups(onward: Mapping[str, Set[str]]) -> list[set[str]]:
    """Return the groups of places each of which leads to each other one of its group.

    Tarjan's algorithm without recursion: how long the ways are is up to a flow.
    """
    groups: list[set[str]] = []
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: dict[str, None] = {}
    for first in onward:
        todo = [] if first in number else [(first, iter(sorted(onward[first])))]
        while todo:
            name, targets = todo[-1]
            if name not in number:
                number[name] = lowest[name] = len(number)
                open_[name] = None
            target = next((each for each in targets if each in onward and (each not in number or each in open_)), None)
            if target is None:
                todo.pop()
                if todo:
                    lowest[todo[-1][0]] = min(lowest[todo[-1][0]], lowest[name])
                if lowest[name] == number[name]:
                    groups.append(_closed(open_, name))
            elif target in number:
                lowest[name] = min(lowest[name], number[target])
            else:
                todo.append((target, iter(sorted(onward[target]))))
    return groups


def _closed(open_: dict[str, None], first: str) -> set[str]:
    """Take the places from `first` on off the stack."""
    group: set[str] = set()
    while first not in group:
        group.add(open_.popitem()[0])
    return group
