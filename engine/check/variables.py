"""Every variable that is needed, given, forgotten or asked for must be filled somewhere."""

from engine.language.base import Call
from engine.language.dialog import Way
from engine.problems import did_you_mean
from engine.reading.catalog import Book, Place, full_name, turns
from engine.reading.scopes import Filling, Scopes


def check_variables(book: Book, scopes: Scopes) -> None:
    """Report variables that nothing fills or that are filled with two kinds of things, and calls that give nothing."""
    for filling in scopes.fillings.values():
        _check_filling(book, scopes, filling)
    for step in book.steps().values():
        for name in step.step.needs:
            _filled(book, scopes, step.place.inside("needs", name), name)
    for at in book.ways():
        for _, way, place in turns(at):
            _check_way(book, scopes, way, place)
    for file, status in book.statuses():
        for index, transition in enumerate(status.transitions):
            _guards(book, scopes, transition.when, Place(file.flow, ("status", "transitions", index)))


def _check_way(book: Book, scopes: Scopes, way: Way, place: Place) -> None:
    if way.give:
        _filled(book, scopes, place.inside("give"), way.give)
    if way.call and full_name(place.flow, way.call) in book.steps():
        if scopes.given(full_name(place.flow, way.call)) is None and book.whole():
            book.report(place.inside("call"), f'the dialog at "{way.call}" gives nothing back', 'end it with "give"')
        elif way.into is None and book.whole():
            book.report(place.inside("call"), '"into" is missing: where does the value go?')
    for name, target in way.move.items():
        _filled(book, scopes, place.inside("move", name), name)
        if "." not in target:
            what = f'"{target}" is in no draft, and the dialog that holds it may end here'
            book.report(place.inside("move", name), what, f"move it to draft.{target}")
    for index, name in enumerate(way.forget):
        if name not in {"draft", "person"}:
            _filled(book, scopes, place.inside("forget", index), name)
    _guards(book, scopes, way.when, place)


def _check_filling(book: Book, scopes: Scopes, filling: Filling) -> None:
    name, place = filling.name, filling.place
    is_key = place.location[-1] == name
    owner, _, short = name.rpartition(".")
    taken = set(scopes.hooks.person.fields) if owner == "person" else set() if owner else _names(scopes)
    if filling.clash:
        here, there = filling.clash
        book.report(place, f'"{name}" gets {here} here and {there} elsewhere', "keep them in two variables", key=is_key)
    if short in taken:
        book.report(place, f'the name "{name}" is taken', "words would print something else by it", key=is_key)


def _names(scopes: Scopes) -> set[str]:
    """Return the names that words know without any variable."""
    own = {"draft", "person", "actor", "answer", "row", "loop"}
    return {*own, *scopes.hooks.subjects, *(name for name, source in scopes.hooks.sources.items() if not source.rows)}


def _guards(book: Book, scopes: Scopes, guards: list[Call], place: Place) -> None:
    for index, guard in enumerate(guards):
        name = guard.arguments.get("name") if isinstance(guard.arguments, dict) else guard.arguments
        if guard.name == "has" and isinstance(name, str):
            _filled(book, scopes, place.inside("when", index), name)


def _filled(book: Book, scopes: Scopes, place: Place, name: str) -> None:
    elsewhere = book.lost and "." in name
    if name != "draft" and not elsewhere and scopes.variable(place.flow, name) is None:
        known = {*scopes.kept.get(place.flow, {})}
        known |= {f"{owner}.{key}" for owner in ("draft", "person") for key in scopes.kept.get(owner, {})}
        is_key = place.location[-1] == name
        book.report(place, f'nothing fills the variable "{name}"', did_you_mean(name, known), key=is_key)
