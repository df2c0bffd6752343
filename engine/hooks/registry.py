"""The registry of everything that flows may name: guards, actions, sources, roles and relations, kinds of subjects."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.hooks.declarations import Action, Audience, Guard, Hook, Parameters, Source, Wanted, wanted_by
from engine.hooks.inputs import Inputs, check_declared, inputs_of, value_alone
from engine.subjects import Person, SubjectPort
from engine.templates.shapes import of_model

HAS = "has"
"""The guard that asks whether a variable has a value."""
IS = "is"
"""The guard that asks whether variables have given values."""

F = TypeVar("F", bound=Callable[..., Any])


class Hooks:
    """Registry of everything that flows may name.

    Registering a name twice raises ValueError; a function whose arguments nothing can supply, TypeError.

    `person` declares what words may print of a person, `show_person` makes an instance of it.
    """

    def __init__(self, person: type[BaseModel], show_person: Callable[[Any], BaseModel]) -> None:
        self.person = of_model(person)
        self.show_person = show_person
        self.guards: dict[str, Guard] = {}
        self.actions: dict[str, Action] = {}
        self.sources: dict[str, Source] = {}
        self.file_sources: dict[str, Hook] = {}
        self.audiences: dict[str, Audience] = {}
        self.subjects: dict[str, SubjectPort] = {}
        self.guard(HAS)(_has)
        self.guard(IS)(_is)
        self.guard("opened")(_opened)

    def guard(self, name: str, *, about: str | None = None) -> Callable[[F], F]:
        """Register a function that returns whether it holds; a guard is pure, and false without its subject."""

        def register(call: F) -> F:
            wanted, inputs, parameters = _declared(name, call, about)
            _add(self.guards, name, Guard(name, call, wanted, inputs, parameters, about))
            return call

        return register

    def action(self, name: str, *outcomes: str, about: str | None = None, gives: str | None = None) -> Callable[[F], F]:
        """Register a function that does something and returns one of its outcomes, or None."""

        def register(call: F) -> F:
            wanted, inputs, parameters = _declared(name, call, about)
            named = frozenset(outcomes)
            _add(self.actions, name, Action(name, call, wanted, inputs, parameters, about, named, gives))
            return call

        return register

    def source(self, name: str, shape: type[BaseModel], *, about: str | None = None) -> Callable[[F], F]:
        """Register a function that returns a `shape`."""
        return self._source(name, shape, rows=False, about=about)

    def rows(self, name: str, shape: type[BaseModel]) -> Callable[[F], F]:
        """Register a function that takes a PageQuery and returns a Page of rows.

        A row's `value` and `label` serve choices; a `value` that is an id declares of what, see `shapes.IdOf`.
        """
        return self._source(name, shape, rows=True, about=None)

    def files(self, name: str, *, about: str | None = None) -> Callable[[F], F]:
        """Register a function that returns a list of File: files that a branch may send."""

        def register(call: F) -> F:
            wanted, inputs, parameters = _declared(name, call, about)
            _with_defaults(name, inputs)
            _add(self.file_sources, name, Hook(name, call, wanted, inputs, parameters, about))
            return call

        return register

    def _source(self, name: str, shape: type[BaseModel], *, rows: bool, about: str | None) -> Callable[[F], F]:
        def register(call: F) -> F:
            wanted, inputs, parameters = _declared(name, call, about, rows=rows)
            _with_defaults(name, inputs)
            source = Source(name, call, wanted, inputs, parameters, about, shape=of_model(shape), rows=rows)
            _add(self.sources, name, source)
            return call

        return register

    def audience(
        self,
        name: str,
        includes: Callable[..., bool],
        members: Callable[..., Iterable[Person]] | None = None,
        *,
        about: str | None = None,
        kinds: Iterable[str] | None = None,
        holds: Iterable[str] = (),
    ) -> None:
        """Register a role, or a relation to a subject of the kind `about`; only one with `members` can be told.

        What is said of `kinds` and `holds`, see `Audience`, lets the check find out who can never meet what.
        """
        bound = Guard(name, includes, _bare(name, includes, about), about=about).bind(None)
        found = Hook(name, members, _bare(name, members, about), about=about).bind(None) if members else None
        taken_in = None if kinds is None else frozenset(kinds)
        _add(self.audiences, name, Audience(name, bound, found, about, taken_in, frozenset(holds)))

    def subject(self, port: SubjectPort) -> None:
        """Register a kind of subject."""
        _add(self.subjects, port.kind, port)


class VariableName(Parameters):
    """The variable that a guard asks for."""

    name: str


class Values(Parameters):
    """Variables, each with the value or the values that it is to have."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def wanted(self) -> dict[str, list[Any]]:
        """Return the values of each variable."""
        return {name: each if isinstance(each, list) else [each] for name, each in (self.model_extra or {}).items()}


def _has(context: Any, parameters: VariableName) -> bool:
    """Return whether a variable has a value."""
    return bool(context.get(parameters.name))


def _is(context: Any, parameters: Values) -> bool:
    """Return whether variables have these values: `{is: {urgency: [high, low]}}`; of a chosen row, its `value`."""
    return all(value_alone(context.get(name)) in values for name, values in parameters.wanted().items())


def _opened(context: Any) -> bool:
    """Return whether the step stands in the person's own dialog, and is no live card beside it."""
    return bool(context.opened)


def _add(register: dict[str, Any], name: str, item: Any) -> None:
    if name in register:
        raise ValueError(f'"{name}" is registered twice')
    register[name] = item


def _declared(
    name: str, call: Callable[..., Any], about: str | None, *, rows: bool = False
) -> tuple[tuple[Wanted, ...], type[Inputs], type[Parameters]]:
    """Return what a function declares; raises TypeError where a hook like this does not get what it asks for."""
    try:
        wanted, inputs, parameters = wanted_by(call)
        check_declared(inputs)
    except TypeError as error:
        raise TypeError(f'"{name}": {error}') from None
    if "subject" in wanted and about is None:
        raise TypeError(f'"{name}" asks for a subject: say of which kind it is "about"')
    if ("query" in wanted) != rows:
        raise TypeError(f'"{name}": a source of rows asks for the query of a page, and nothing else does')
    return wanted, inputs, parameters


def _bare(name: str, call: Callable[..., Any], about: str | None) -> tuple[Wanted, ...]:
    """Return what the function of a role asks for; raises TypeError where a flow would have to name something."""
    wanted, _, _ = _declared(name, call, about)
    if {"inputs", "parameters"} & {*wanted}:
        raise TypeError(f'"{name}": a role takes neither inputs nor constants')
    return wanted


def _with_defaults(name: str, inputs: type[Inputs]) -> None:
    """Raise TypeError where a source cannot do without an input: what is drawn has no outcome to turn to."""
    if inputs.one_of or any(each.required for each in inputs_of(inputs).values()):
        raise TypeError(f'the inputs of the source "{name}" need defaults')
