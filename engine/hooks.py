"""The named building blocks that flows use: guards, actions, sources, roles and relations."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.subjects import Person, SubjectPort
from engine.templates.shapes import Record, of_model

F = TypeVar("F", bound=Callable[..., Any])


class Parameters(BaseModel):
    """Base of the constant arguments of a hook; the first field takes a lone argument."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParameters(Parameters):
    """For hooks that take no argument."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A named function with the model of its constant arguments."""

    name: str
    call: Callable[..., Any]
    parameters: type[Parameters] = NoParameters

    def bind(self, arguments: Any) -> Callable[..., Any]:
        """Return the function with its constants filled in; raises pydantic.ValidationError on wrong ones."""
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
        return lambda *given: call(*given, bound)


@dataclass(frozen=True, slots=True)
class Action(Hook):
    """Does something; returns None or one of its named outcomes. `gives` is the kind of subject it brings about."""

    outcomes: frozenset[str] = frozenset()
    gives: str | None = None


@dataclass(frozen=True, slots=True)
class Source(Hook):
    """Supplies values for words (`shape`), or with `rows` a page of rows of that shape."""

    shape: Record = field(default_factory=lambda: Record("nothing"))
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """A role or a relation to a subject: does a person belong to it, and who does."""

    name: str
    includes: Callable[[Any], bool]
    members: Callable[[Any], Iterable[Person]] | None = None
    needs_subject: bool = False


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which rows are wanted: those behind or before a key, the first ones, or only the one with a value."""

    after: str | None = None
    before: str | None = None
    limit: int = 8
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and the keys that turn it; a key is short and holds no ':' or '~'."""

    rows: Sequence[BaseModel]
    previous: str | None = None
    next: str | None = None


class Hooks:
    """Registry of everything that flows may name. Registering a name twice raises ValueError.

    `person` declares what words may print of a person, `show_person` makes an instance of it.
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
        """Register `(context[, parameters]) -> bool`; a guard is pure."""

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
        """Register `(context, PageQuery[, parameters]) -> Page` of rows; a row's `value` and `label` serve choices."""
        return self._source(name, shape, rows=True)

    def files(self, name: str) -> Callable[[F], F]:
        """Register `(context[, parameters]) -> list[File]`: files that a way may send."""

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
        """Register a role or relation; only one with `members` can be told something."""
        _add(self.audiences, name, Audience(name, includes, members, needs_subject))

    def subject(self, port: SubjectPort) -> None:
        """Register a kind of subject."""
        _add(self.subjects, port.kind, port)


class VariableName(Parameters):
    """The variable that a guard asks for."""

    name: str


def _has(context: Any, parameters: VariableName) -> bool:
    """Tell whether a variable has a value."""
    return bool(context.get(parameters.name))


def _opened(context: Any) -> bool:
    """Tell whether the step stands in the person's own dialog, and is no live card beside it."""
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
