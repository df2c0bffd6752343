"""Every guard, role, action and source that flows name must exist and take the arguments it is given."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from engine.hooks import Action, Hook, Hooks
from engine.language.base import Call
from engine.language.status import TIMER
from engine.problems import did_you_mean
from engine.reading.catalog import Book, Place, WayAt, turns

_TIME = Call.model_validate(TIMER)


def check_hooks(book: Book, hooks: Hooks) -> None:
    """Report unknown names, wrong arguments and outcomes that lead nowhere."""
    for kind, call, place in _calls(book):
        _check_call(book, hooks, kind, call, place)
    for at in book.ways():
        for outcome, way, place in turns(at):
            if outcome and (way.do or way.when):
                hint = "lead to a step that does it"
                book.report(place, 'an outcome leads on without a "do" or a "when" of its own', hint, key=True)
            if way.do and way.do.name in hooks.actions:
                _check_outcomes(book, hooks.actions[way.do.name], way.otherwise, place)
            elif way.otherwise and not way.do:
                book.report(place.inside("else"), '"else" answers the outcomes of an action', 'add "do"', key=True)


def _check_call(book: Book, hooks: Hooks, kind: str, call: Call, place: Place) -> None:
    known = _known(hooks, kind)
    if call.name not in known:
        if kind == "audience" and call.name in hooks.audiences:
            book.report(place, f'nobody can be told as "{call.name}"', did_you_mean(call.name, known))
            return
        word = "role" if kind == "audience" else kind
        book.report(place, f'unknown {word} "{call.name}"', did_you_mean(call.name, known))
        return
    if call.negated and kind != "guard":
        book.report(place, f'"not" serves with guards only, not with the {kind} "{call.name}"')
    hook = known[call.name]
    if hook is None or not hook.parameters.model_fields:
        if call.arguments is not None:
            book.report(place.inside(call.name), f'"{call.name}" takes no arguments', key=True)
        return
    try:
        hook.bind(call.arguments)
    except ValidationError as error:
        for detail in error.errors():
            where = place.inside(call.name, *detail["loc"])
            message = detail["msg"].removeprefix("Value error, ")
            part = ".".join(map(str, detail["loc"])) or "arguments"
            book.report(where, f'wrong arguments of {kind} "{call.name}": {part}: {message}'.lower())


def _known(hooks: Hooks, kind: str) -> Mapping[str, Hook | None]:
    """Return what may be named as `kind`; a role takes no arguments and is no hook."""
    roles: dict[str, Hook | None] = dict.fromkeys(hooks.audiences)
    if kind == "role":
        return roles
    if kind == "audience":
        return dict.fromkeys(name for name, audience in hooks.audiences.items() if audience.members)
    if kind == "guard":
        return {**roles, **hooks.guards}
    if kind == "source":
        return {name: source for name, source in hooks.sources.items() if not source.rows}
    if kind == "source of rows":
        return {name: source for name, source in hooks.sources.items() if source.rows}
    return dict(hooks.actions) if kind == "action" else dict(hooks.file_sources)


def _calls(book: Book) -> Iterator[tuple[str, Call, Place]]:
    for at in book.ways():
        yield from _way_calls(at)
    for name, step in book.steps().items():
        yield from _each("source", step.step.source, step.place.inside("source"))
        if step.step.list_:
            yield "source of rows", step.step.list_.rows, step.place.inside("list", "rows")
        if step.step.choose and not _is_list(book, step.step.choose.from_.name):
            yield "source of rows", step.step.choose.from_, book.steps()[name].place.inside("choose", "from")
    for file in book.files():
        yield from _each("role", file.may_see, Place(file.flow, ("may_see",)))
    yield from _life_calls(book)
    for _, _, notice, place in book.notices():
        yield from _each("audience", notice.to, place.inside("to"))


def _life_calls(book: Book) -> Iterator[tuple[str, Call, Place]]:
    for file, status in book.statuses():
        for index, transition in enumerate(status.transitions):
            place = Place(file.flow, ("status", "transitions", index))
            yield from (each for each in _each("role", transition.by, place.inside("by")) if each[1] != _TIME)
            yield from _each("guard", transition.when, place.inside("when"))
            if transition.do:
                yield "action", transition.do, place.inside("do")
    for _, _, deadline, place in book.deadlines():
        yield from _each("guard", deadline.when, place.inside("when"))


def _is_list(book: Book, name: str) -> bool:
    """Tell whether a choice is made from a fixed list, or may be, where a file is lost."""
    return book.lost or name in book.labels() or any(name in book.written(flow, "lists") for flow in book.flows)


def _way_calls(at: WayAt) -> Iterator[tuple[str, Call, Place]]:
    for _, way, place in turns(at):
        yield from _each("guard", way.when, place.inside("when"))
        if way.do:
            yield "action", way.do, place.inside("do")
        if way.send:
            yield "source of files", way.send.from_, place.inside("send", "from")


def _each(kind: str, calls: Iterable[Call], place: Place) -> Iterator[tuple[str, Call, Place]]:
    for index, call in enumerate(calls):
        yield kind, call, place.inside(index)


def _check_outcomes(book: Book, action: Action, handled: Iterable[str], place: Place) -> None:
    for outcome in handled:
        if outcome not in action.outcomes:
            hint = did_you_mean(outcome, action.outcomes)
            book.report(place.inside("else", outcome), f'"{action.name}" has no outcome "{outcome}"', hint, key=True)
    for outcome in sorted(action.outcomes - set(handled)):
        book.report(
            place.inside("do"), f'the outcome "{outcome}" of "{action.name}" leads nowhere', 'name it under "else"'
        )
