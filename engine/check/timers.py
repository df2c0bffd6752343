"""What time does must be possible: ways in their order, deadlines that do something, transitions that ask nobody."""

from collections.abc import Iterator, Sequence

from jinja2 import nodes

from engine.hooks import Hooks
from engine.language.base import Call
from engine.language.dialog import Timed
from engine.language.file import FlowFile
from engine.language.status import TIMER, Deadline, Status, Transition
from engine.problems import Problem, did_you_mean
from engine.reading.catalog import Book, Place, deadline_key
from engine.templates.templates import Templates, WordsError

OF_PERSONS = {"has", "opened"}
"""Guards of the engine itself that ask about a person's dialog."""


def check_timers(book: Book, hooks: Hooks, templates: Templates) -> None:
    """Report what cannot happen when time comes to it."""
    for file in book.files():
        _check_ways(book, file.draft, Place(file.flow, ("draft",)))
    for step in book.steps().values():
        _check_ways(book, step.step.after, step.place.inside("after"))
    for file, status in book.statuses():
        _check_deadlines(book, hooks, file, status)
        for index, transition in enumerate(status.transitions):
            if is_timed(transition):
                _check_transition(book, hooks, status, transition, Place(file.flow, ("status", "transitions", index)))
    _check_actors(book, templates)


def is_timed(transition: Transition) -> bool:
    """Tell whether time may make a transition."""
    return any(call.name == TIMER for call in transition.by)


def _check_ways(book: Book, ways: Sequence[Timed], place: Place) -> None:
    for index, way in enumerate(ways):
        here = place.inside(index)
        if index and way.in_ <= ways[index - 1].in_:
            book.report(here.inside("in"), "this comes no later than the one above", "put them in the order of time")
        does = way.direction() or way.do or way.set or way.move or way.forget or way.send or way.tell or way.say
        if not does:
            book.report(here, "nothing happens here when the time has come", 'add "say" or "go"')


def _check_deadlines(book: Book, hooks: Hooks, file: FlowFile, status: Status) -> None:
    for state, each in status.states.items():
        place = Place(file.flow, ("status", "states", state, "after"))
        keys: set[str] = set()
        for index, deadline in enumerate(each.after):
            here, key = place.inside(index), deadline_key(deadline)
            if index and deadline.in_ < each.after[index - 1].in_:
                what = "this comes earlier than the one above"
                book.report(here.inside("in"), what, "put them in the order of time")
            if key in keys:
                book.report(here, f'two deadlines here answer to "{key}"', 'give one of them a "name"')
            keys.add(key)
            _check_told(book, deadline, here)
            _check_guards(book, hooks, deadline.when, here)
            _check_made(book, status, state, deadline, here.inside("make"))


def _check_told(book: Book, deadline: Deadline, place: Place) -> None:
    notices = book.written(place.flow, "notices")
    for index, name in enumerate(deadline.tell):
        if name not in notices:
            book.report(place.inside("tell", index), f'unknown notice "{name}"', did_you_mean(name, notices))


def _check_made(book: Book, status: Status, state: str, deadline: Deadline, place: Place) -> None:
    if not deadline.make or not book.whole():
        return
    known = {transition.name: transition for transition in status.transitions}
    transition = known.get(deadline.make)
    if transition is None:
        book.report(place, f'unknown transition "{deadline.make}"', did_you_mean(deadline.make, known))
    elif not is_timed(transition):
        book.report(place, f'time may not make "{deadline.make}"', f'add "{TIMER}" to its "by"')
    elif state not in transition.from_:
        book.report(place, f'"{deadline.make}" does not lead from "{state}"', 'name the status under its "from"')


def _check_transition(book: Book, hooks: Hooks, status: Status, transition: Transition, place: Place) -> None:
    made = {deadline.make for state in status.states.values() for deadline in state.after}
    if transition.name not in made and book.whole():
        hint = f'add "after: {{in: 1d, make: {transition.name}}}" to a status'
        book.report(place.inside("by"), f'no deadline makes "{transition.name}"', hint, key=True)
    for question in transition.ask:
        what = "nobody is there to answer when time makes this"
        book.report(place.inside("ask", question), what, "let people make another transition", key=True)
    for field, value in transition.set.items():
        if value == "actor":
            what = '"actor" is nobody when time makes this'
            book.report(place.inside("set", field), what, "let people make another transition")
    _check_guards(book, hooks, transition.when, place)


def _check_guards(book: Book, hooks: Hooks, guards: Sequence[Call], place: Place) -> None:
    for index, guard in enumerate(guards):
        if guard.name in hooks.audiences or guard.name in OF_PERSONS:
            what = f'"{guard.name}" asks about a person, and time is none'
            book.report(place.inside("when", index), what, "ask about the subject")


def _check_actors(book: Book, templates: Templates) -> None:
    """Report notices that time tells and that print who caused them, without asking whether anybody did."""
    told = set(_told_by_time(book))
    for file, name, notice, place in book.notices():
        if (file.flow, name) in told:
            pieces = [(notice.text, place.inside("text"))]
            pieces += [(each.text, place.inside("buttons", i, "text")) for i, each in enumerate(notice.buttons)]
            for text, where in pieces:
                _check_actor(book, templates, text or "", where)


def _told_by_time(book: Book) -> Iterator[tuple[str, str]]:
    for file, _, deadline, _ in book.deadlines():
        yield from ((file.flow, name) for name in deadline.tell)
    for file, status in book.statuses():
        for transition in status.transitions:
            if is_timed(transition):
                yield from ((file.flow, name) for name in transition.tell)


def _check_actor(book: Book, templates: Templates, text: str, place: Place) -> None:
    try:
        node = _unasked(templates.parse(text), "actor")
    except WordsError:
        return
    if node:
        mark = book.flows[place.flow].document.word_mark(place.location, node.lineno, "actor")
        what = '"actor" is nobody when time tells this'
        book.problems.append(Problem(mark, what, "ask before: {% if actor %}"))


def _unasked(node: nodes.Node, name: str) -> nodes.Node | None:
    """Return where a template uses `name` without asking whether it has a value."""
    if isinstance(node, nodes.Name):
        return node if node.name == name else None
    if isinstance(node, nodes.If | nodes.CondExpr) and any(
        each.name == name for each in (node.test, *node.test.find_all(nodes.Name)) if isinstance(each, nodes.Name)
    ):
        return None
    found = (_unasked(child, name) for child in node.iter_child_nodes())
    return next((each for each in found if each), None)
