"""Traps of a graph, against what following every way finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.check.traps import traps

Graph = dict[str, set[str]]
NAMES = st.sampled_from("abcdefg")
graphs = st.dictionaries(NAMES, st.sets(NAMES, max_size=3), min_size=1).map(
    lambda graph: {name: targets & graph.keys() for name, targets in graph.items()}
)


def reached(graph: Graph, name: str) -> frozenset[str]:
    found, todo = {name}, [name]
    while todo:
        new = graph[todo.pop()] - found
        found |= new
        todo += new
    return frozenset(found)


@given(graphs, st.sets(NAMES, max_size=2))
def test_a_trap_is_what_leads_only_to_itself_and_to_no_end(graph: Graph, some: set[str]) -> None:
    ends = (some & graph.keys()) | {name for name, targets in graph.items() if not targets}
    around = {name: reached(graph, name) for name in graph}
    expected = {group for name, group in around.items() if not group & ends and all(name in around[e] for e in group)}
    found = traps(graph, ends)
    assert {frozenset(group) for group in found} == expected
    assert len(found) == len(expected)


def test_traps_and_their_places_come_in_the_order_of_the_file() -> None:
    onward = {"menu": {"d", "c"}, "d": {"b"}, "c": {"c"}, "a": {"d"}, "b": {"a"}}
    assert traps(onward, {"menu"}) == [["d", "a", "b"], ["c"]]


def test_a_long_way_is_followed_to_its_end() -> None:
    onward = {str(number): {str((number + 1) % 5_000)} for number in range(5_000)}
    assert [len(group) for group in traps(onward, set())] == [5_000]
