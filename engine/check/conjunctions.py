"""What follows from guards that all have to hold: which of them can never hold together, which is in another."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.check.people import People
from engine.conversation import DRAFT
from engine.hooks.registry import HAS, IS
from engine.language.base import ANY, Call, alternatives


def opposite(call: Call) -> Call:
    """Return the guard that holds where this one does not."""
    return call.model_copy(update={"negated": not call.negated})


def is_never(call: Call, people: People) -> bool:
    """Return whether nobody can meet a guard, whatever stands beside it."""
    return people.is_everybody(call.name) if call.negated else people.is_nobody(call.name)


def excludes(first: Call, second: Call, people: People) -> bool:
    """Return whether two guards can never hold together."""
    if ANY in (first.name, second.name):
        chosen, other = (first, second) if first.name == ANY else (second, first)
        return _excludes_any(chosen, other, people)
    if (first.name, first.arguments) == (second.name, second.arguments):
        return first.negated != second.negated
    if first.negated and second.negated:
        return False
    if first.negated or second.negated:
        inner, outer = (second, first) if first.negated else (first, second)
        return _is_within(inner, outer, people)
    return people.apart(first.name, second.name) or bool(_never_equal([first, second]))


def implies(first: Call, second: Call, people: People) -> bool:
    """Return whether the second guard holds wherever the first one does."""
    return excludes(first, opposite(second), people)


def conflict(calls: Sequence[Call], people: People) -> tuple[int, Call | None] | None:
    """Return the place of the first guard that cannot hold beside those before it, and which of them it excludes.

    That is None where nobody can meet the guard alone, or where only all of those before it together exclude it.
    """
    for index, call in enumerate(calls):
        if is_never(call, people):
            return index, None
        before = next((each for each in calls[:index] if excludes(each, call, people)), None)
        if before or _never_equal(calls[: index + 1]):
            return index, before
    return None


def _excludes_any(chosen: Call, other: Call, people: People) -> bool:
    inner = alternatives(chosen)
    if chosen.negated:
        return any(excludes(opposite(each), other, people) for each in inner)
    return bool(inner) and all(excludes(each, other, people) for each in inner)


def _is_within(inner: Call, outer: Call, people: People) -> bool:
    """Return whether `outer` holds wherever `inner` does, with no heed to `outer` being negated."""
    if inner.name in people.audiences and outer.name in people.audiences:
        return people.within(inner.name, outer.name)
    if outer.name == HAS:
        filled, wanted = {*_filled(inner)}, _name(outer)
        return wanted in filled or (f"{wanted}." == DRAFT and any(each.startswith(DRAFT) for each in filled))
    if inner.name == outer.name == IS:
        given, denied = _values(inner), _values(outer)
        return bool(denied) and all(
            name in given and all(each in values for each in given[name]) for name, values in denied.items()
        )
    return False


def _name(call: Call) -> Any:
    return call.arguments.get("name") if isinstance(call.arguments, dict) else call.arguments


def _filled(call: Call) -> Iterator[str]:
    """Yield the variables that have a value where a guard holds."""
    if call.name == HAS and isinstance(_name(call), str):
        yield _name(call)
    elif call.name == IS:
        yield from (name for name, values in _values(call).items() if all(values))


def _values(call: Call) -> dict[str, list[Any]]:
    """Return the values that an `is` asks of each variable."""
    given = call.arguments if isinstance(call.arguments, dict) else {}
    return {name: each if isinstance(each, list) else [each] for name, each in given.items() if each != []}


def _never_equal(calls: Sequence[Call]) -> str | None:
    """Return a variable that guards ask for values of which none is in all of them."""
    left: dict[str, list[Any]] = {}
    for call in calls:
        for name, values in _values(call).items() if call.name == IS and not call.negated else ():
            left[name] = [each for each in left.get(name, values) if each in values]
    return next((name for name, values in left.items() if not values), None)
