"""Updates that Telegram would never send, and some that it might: real ones with a few parts spoilt."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from engine.callback import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.compiled import CompiledFlows

    Update = dict[str, Any]

NUMBERS = st.one_of(
    st.integers(), st.sampled_from([0, -1, 1, 1001, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30])
)
ODD = [
    "",
    "\0",
    "\ud83d",
    "\udc00\ud83d",
    "a\0b",
    "\u202eтакси\u202c",
    "👩\u200d👩\u200d👧\u200d👦" * 30,
    "\u200b\u2060\ufeff",
    "e\u0301" * 600,
    "<b>&amp;{{ 7 * 7 }}{% raw %}",
    "' OR 1=1; --",
    "../../etc/passwd",
    "%s %d {0} %(x)s",
    "/start request-1",
    "/menu@somebody_else_bot",
    "١٢٣",
    "\U0010ffff\ufffe",
]
WORDS = st.one_of(st.sampled_from(ODD), st.text(max_size=40), st.text(st.characters(categories=["Cs", "Cc", "Cf"])))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(allow_nan=False, allow_infinity=False), WORDS)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)
KINDS = ["message", "edited_message", "callback_query"]


def shaped(real: Sequence[Update]) -> st.SearchStrategy[Update]:
    """Give real updates with a few parts replaced by something else or taken away, and some that are all nonsense."""
    return st.one_of(
        _spoilt(real), _spoilt(real), _spoilt(real), st.dictionaries(st.sampled_from(KINDS), JSON, min_size=1)
    )


def spoken(real: Update) -> st.SearchStrategy[Update]:
    """Give a real message with other words."""
    return WORDS.map(lambda words: _with(real, ["message", "text"], words))


def pressed(real: Update, flows: CompiledFlows) -> st.SearchStrategy[Update]:
    """Give a real press with data that the bot never wrote, though it may look like it."""
    return made_up(flows).map(lambda data: _with(real, ["callback_query", "data"], data))


def made_up(flows: CompiledFlows) -> st.SearchStrategy[str]:
    """Give callback data, much of it with parts that are right."""
    places = [*flows.steps, *flows.notices, "", "no.such", "request!nothing", "main.menu!"]
    keys = [button.key for step in flows.steps.values() for button in step.buttons]
    names = [*keys, "row", "pick", "page", "", "take", "cancel_own", "²"]
    about = ["", "1", "2", "zz", "1y2p0ij32e8e7", "zzzzzzzzzzzzz", "-1", "٣", "1:1"]
    values = st.one_of(st.sampled_from(["", "1", "-1", "9223372036854775808", "a1", "b999", "high", "1e5", "~"]), WORDS)
    looks_right = st.builds(
        "{}:{}:{}:{}~{}".format,
        st.sampled_from(places),
        st.sampled_from(names),
        st.sampled_from(about),
        values,
        st.sampled_from(["", "1", "zz", "0"]),
    )
    return st.one_of(looks_right, looks_right, WORDS, st.text(max_size=2 * LIMIT))


def with_each_number(real: Update, number: int) -> Iterator[Update]:
    """Go through copies of a real update, each with another of its numbers replaced."""
    for index, (whole, name) in enumerate(_parts(real)):
        if type(whole[name]) is int:
            spoilt = copy.deepcopy(real)
            holder, key = [*_parts(spoilt)][index]
            holder[key] = number
            yield spoilt


@st.composite
def _spoilt(draw: st.DrawFn, real: Sequence[Update]) -> Update:
    update = copy.deepcopy(draw(st.sampled_from(list(real))))
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from([*_parts(update)] or [(update, "message")]))
        if draw(st.booleans()):
            holder[key] = draw(JSON)
        elif isinstance(holder, dict):
            holder.pop(key, None)
    return update


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Go through every part of a JSON value: what holds it, and where."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield value, key
        yield from _parts(part)


def _with(real: Update, path: list[str], value: Any) -> Update:
    update = copy.deepcopy(real)
    holder = update
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return update
