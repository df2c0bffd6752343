"""The registry of hooks, which flows use by name: guards, actions, sources, roles and relations."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.subjects import Person, SubjectPort
from engine.templates.shapes import Record, of_model

F = TypeVar("F", bound=Callable[..., Any])


class Parameters(BaseModel):
    """Base class for the arguments of a hook, constants in the flow; a single argument goes to the first field."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParameters(Parameters):
    """The arguments of a hook that takes none."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A named function with the model of its arguments."""

    name: str
    call: Callable[..., Any]
    parameters: type[Parameters] = NoParameters

    def bind(self, arguments: Any) -> Callable[..., Any]:
        """Return the function with its arguments bound; pydantic.ValidationError where they do not fit the model."""
        fields = list(self.parameters.model_fields)
        if arguments is None:
            values: Any = {}
        elif isinstance(arguments, dict) or not fields:
            values = arguments
        else:
            values = {fields[0]: arguments}
        bound = self.parameters.model_validate(values)
        if not fields:
            return self.call
        call = self.call
        return lambda *context: call(*context, bound)


@dataclass(frozen=True, slots=True)
class Action(Hook):
    """A hook that changes something and returns None or one of its `outcomes`; `gives` is the kind it may create."""

    outcomes: frozenset[str] = frozenset()
    gives: str | None = None


@dataclass(frozen=True, slots=True)
class Source(Hook):
    """A hook that supplies values for templates, of this `shape`, or with `rows` a page of rows of this shape."""

    shape: Record = field(default_factory=lambda: Record("nothing"))
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """A role or a relation to a subject: whether a person belongs to it, and who does."""

    name: str
    includes: Callable[[Any], bool]
    members: Callable[[Any], Iterable[Person]] | None = None
    needs_subject: bool = False


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of rows: the one after a key, the one before it, the first, or `only` the row with a value."""

    after: str | None = None
    before: str | None = None
    limit: int = 8
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and the keys of the pages around it; a key is short and contains no ':' or '~'."""

    rows: Sequence[BaseModel]
    previous: str | None = None
    next: str | None = None


class Hooks:
    """The registry. Registering a name twice raises ValueError.

    `person` is the model of a person in templates, `show_person` makes an instance of it.
    """

    def __init__(self, person: type[BaseModel], show_person: Callable[[Any], BaseModel]) -> None:
        self.person = of_model(person)
        self.show_person = show_person
        self.guards: dict[str, Hook] = {}
        self.actions: dict[str, Action] = {}
        self.sources: dict[str, Source] = {}
        self.file_sources: dict[str, Hook] = {}
        self.audiences: dict[str, Audience] = {}
        self.subjects: dict[str, SubjectPort] = {}
        self.guard("has")(_has)
        self.guard("opened")(_opened)

    def guard(self, name: str) -> Callable[[F], F]:
        """Register `(context[, parameters]) -> bool`; a guard has no side effects."""

        def register(call: F) -> F:
            _add(self.guards, name, Hook(name, call, _parameters_of(call)))
            return call

        return register

    def action(self, name: str, *outcomes: str, gives: str | None = None) -> Callable[[F], F]:
        """Register `(context[, parameters]) -> outcome | None`."""

        def register(call: F) -> F:
            _add(self.actions, name, Action(name, call, _parameters_of(call), frozenset(outcomes), gives))
            return call

        return register

    def source(self, name: str, shape: type[BaseModel]) -> Callable[[F], F]:
        """Register `(context[, parameters]) -> shape`."""
        return self._source(name, shape, rows=False)

    def rows(self, name: str, shape: type[BaseModel]) -> Callable[[F], F]:
        """Register `(context, PageQuery[, parameters]) -> Page`; the rows of a choice need `value` and `label`."""
        return self._source(name, shape, rows=True)

    def files(self, name: str) -> Callable[[F], F]:
        """Register `(context[, parameters]) -> list[File]`: a source of files to send."""

        def register(call: F) -> F:
            _add(self.file_sources, name, Hook(name, call, _parameters_of(call)))
            return call

        return register

    def _source(self, name: str, shape: type[BaseModel], *, rows: bool) -> Callable[[F], F]:
        def register(call: F) -> F:
            _add(self.sources, name, Source(name, call, _parameters_of(call), of_model(shape), rows))
            return call

        return register

    def audience(
        self,
        name: str,
        includes: Callable[[Any], bool],
        members: Callable[[Any], Iterable[Person]] | None = None,
        *,
        needs_subject: bool = False,
    ) -> None:
        """Register a role or relation; only one with `members` can get notices."""
        _add(self.audiences, name, Audience(name, includes, members, needs_subject))

    def subject(self, port: SubjectPort) -> None:
        """Register a kind of subject."""
        _add(self.subjects, port.kind, port)


class VariableName(Parameters):
    """The name of a variable."""

    name: str


def _has(context: Any, parameters: VariableName) -> bool:
    """Return whether a variable has a value."""
    return bool(context.get(parameters.name))


def _opened(context: Any) -> bool:
    """Return whether the step is part of the person's own dialog, and not a live card beside it."""
    return bool(context.opened)


def _add(register: dict[str, Any], name: str, item: Any) -> None:
    if name in register:
        raise ValueError(f'"{name}" is registered twice')
    register[name] = item


def _parameters_of(call: Callable[..., Any]) -> type[Parameters]:
    for parameter in inspect.signature(call, eval_str=True).parameters.values():
        if isinstance(parameter.annotation, type) and issubclass(parameter.annotation, Parameters):
            return parameter.annotation
    return NoParameters
