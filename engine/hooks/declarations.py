"""What flows may name, each with what it declares: a function, and where each of its arguments comes from."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_origin

from pydantic import BaseModel, ConfigDict

from engine.conversation import ANSWER, DRAFT
from engine.hooks.inputs import INCOMPLETE, IncompleteInputsError, Inputs, inputs_of, read
from engine.hooks.paging import PageQuery
from engine.templates.shapes import Record

Wanted: TypeAlias = Literal["context", "subject", "before", "inputs", "parameters", "query"]
DefaultVariable: TypeAlias = Callable[[str], str]
"""Names the variable that an input takes where the flow names none."""


class Parameters(BaseModel):
    """Base of the constant arguments of a hook; the first field takes a lone argument.

    A validator raises engine.problems.UnfitError, whose message is shown; of any other error it is not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParameters(Parameters):
    """For hooks that take no constant."""


class NoInputs(Inputs):
    """For hooks that take nothing of the conversation."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A named function with the models of its inputs and of its constants.

    `about` is the kind of subject that it needs. `wanted` says where each of the function's arguments comes from: from
    its annotation, or from its name, `subject` or `before` (the subject before a status transition).
    """

    name: str
    call: Callable[..., Any]
    wanted: tuple[Wanted, ...]
    inputs: type[Inputs] = NoInputs
    parameters: type[Parameters] = NoParameters
    about: str | None = None

    def variables(self, arguments: Any, default: DefaultVariable) -> dict[str, str]:
        """Return the variable behind each input: as the flow names it, or as `default` does."""
        named = arguments if isinstance(arguments, Mapping) else {}
        return {name: str(named.get(name, default(name))) for name in inputs_of(self.inputs)}

    def constants(self, arguments: Any) -> Parameters:
        """Return the constant arguments; raises pydantic.ValidationError on wrong ones."""
        fields = list(self.parameters.model_fields)
        if arguments is None:
            values: Any = {}
        elif isinstance(arguments, Mapping):
            values = {name: value for name, value in arguments.items() if name not in inputs_of(self.inputs)}
        else:
            values = {fields[0]: arguments} if fields else arguments
        return self.parameters.model_validate(values)

    def bind(self, arguments: Any, default: DefaultVariable = str) -> Callable[..., Any]:
        """Return a function of the context alone (of rows, of the context and the query).

        It raises IncompleteInputsError where a required input is missing, or where there is no subject. Raises
        pydantic.ValidationError on wrong constants.
        """
        constants, variables = self.constants(arguments), self.variables(arguments, default)
        providers = [_provider(each, self.inputs, variables, constants) for each in self.wanted]
        call = self.call
        if len(providers) == 1 and self.wanted == ("context",):
            return call
        return lambda *given: call(*[provide(given) for provide in providers])


@dataclass(frozen=True, slots=True)
class Action(Hook):
    """Does something; returns None or one of its named outcomes. `gives` is the kind of subject it brings about."""

    outcomes: frozenset[str] = frozenset()
    gives: str | None = None

    @property
    def is_demanding(self) -> bool:
        """Whether it can come to nothing for want of inputs, with the outcome `INCOMPLETE`."""
        return bool(self.inputs.one_of) or any(each.required for each in inputs_of(self.inputs).values())

    def bind(self, arguments: Any, default: DefaultVariable = str) -> Callable[..., Any]:
        """Return a function of the context that returns the action's outcome; see `Hook.bind`."""
        bound = Hook.bind(self, arguments, default)

        def act(context: Any) -> str | None:
            try:
                outcome: str | None = bound(context)
            except IncompleteInputsError:
                return INCOMPLETE
            return outcome

        return act


@dataclass(frozen=True, slots=True)
class Guard(Hook):
    """Holds or does not, and changes nothing; without what it needs it does not hold."""

    def bind(self, arguments: Any, default: DefaultVariable = str) -> Callable[..., Any]:
        """Return a function of the context that returns whether the guard holds; see `Hook.bind`."""
        bound = Hook.bind(self, arguments, default)

        def holds(context: Any) -> bool:
            try:
                return bool(bound(context))
            except IncompleteInputsError:
                return False

        return holds


@dataclass(frozen=True, slots=True)
class Source(Hook):
    """Supplies values for words (`shape`), or with `rows` a page of rows of that shape; its inputs have defaults."""

    shape: Record = field(default_factory=lambda: Record("nothing"))
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """A role or a relation to a subject of the kind `about`: does a person belong to it, and who does.

    `kinds` are the kinds of people that it takes in: all of these and no others into a role, at most these into a
    relation; none where nobody belongs to it while a guard is asked, None where that is unknown. `holds` are the other
    audiences whose people all belong to it.
    """

    name: str
    includes: Callable[[Any], bool]
    members: Callable[[Any], Any] | None = None
    about: str | None = None
    kinds: frozenset[str] | None = None
    holds: frozenset[str] = frozenset()


_PASSED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME: Mapping[str, Wanted] = {"subject": "subject", "before": "before", "query": "query"}


def default_variable_of(action: Action) -> DefaultVariable:
    """Return where the inputs of an action come from: from the draft where it makes a subject, else from the dialog."""
    return (lambda name: f"{DRAFT}{name}") if action.gives else str


def answer_of(name: str) -> str:
    """Return where the inputs of a status transition's action come from: from its answers."""
    return f"{ANSWER}{name}"


def wanted_by(call: Callable[..., Any]) -> tuple[tuple[Wanted, ...], type[Inputs], type[Parameters]]:
    """Return where the arguments of a function come from, and the models that it declares.

    Raises TypeError where an argument is never passed, or is what another one is already: a misspelt `subject` would
    be the context.
    """
    wanted: dict[Wanted, str] = {}
    inputs: type[Inputs] = NoInputs
    parameters: type[Parameters] = NoParameters
    for each in inspect.signature(call, eval_str=True).parameters.values():
        if each.kind not in _PASSED or each.default is not each.empty:
            raise TypeError(f'"{each.name}" is never passed: arguments are positional, and have no default')
        kind = each.annotation if isinstance(each.annotation, type) and get_origin(each.annotation) is None else object
        place: Wanted
        if issubclass(kind, Inputs):
            inputs, place = kind, "inputs"
        elif issubclass(kind, Parameters):
            parameters, place = kind, "parameters"
        else:
            place = _BY_NAME.get(each.name, "query" if issubclass(kind, PageQuery) else "context")
        if place in wanted:
            raise TypeError(f'"{wanted[place]}" and "{each.name}" are both the {place}')
        wanted[place] = each.name
    both = inputs_of(inputs).keys() & parameters.model_fields
    if both:
        raise TypeError(f'"{min(both)}" is both an input and a constant')
    return tuple(wanted), inputs, parameters


def _provider(
    wanted: Wanted, model: type[Inputs], variables: Mapping[str, str], constants: Parameters
) -> Callable[[Any], Any]:
    if wanted == "inputs":
        return lambda given: read(model, {name: given[0].get(variable) for name, variable in variables.items()})
    if wanted == "subject":
        return lambda given: _there(given[0].subject)
    if wanted == "before":
        return lambda given: given[0].before
    if wanted == "parameters":
        return lambda _given: constants
    return (lambda given: given[1]) if wanted == "query" else (lambda given: given[0])


def _there(subject: Any) -> Any:
    if subject is None:
        raise IncompleteInputsError(frozenset({"subject"}))
    return subject
