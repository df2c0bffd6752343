"""Compiled flows: names resolved, templates compiled, branches added to state machines as transitions.

The `name` of a step is flow.step, that of a notice flow!notice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from transitions import Machine

from engine.hooks.paging import Page, PageQuery
from engine.hooks.registry import Hooks
from engine.language.dialog import Anywhere, Expect
from engine.problems import Position
from engine.reading.catalog import KeyPath
from engine.templates.shapes import Shape
from engine.templates.templates import Template


@dataclass(slots=True)
class Pointer:
    """A model for a shared state machine: nothing but a state."""

    state: str


@dataclass(frozen=True, slots=True)
class CompiledBranch:
    """A branch. `name` is unique; `navigation` is go, edit, call, give, back, cancel or stay.

    `outcomes` are the branches taken instead where its action ends with one of them.
    """

    name: str
    path: KeyPath
    navigation: str
    target: str | None
    guards: tuple[Callable[[Any], bool], ...]
    action: Callable[[Any], str | None] | None
    outcomes: Mapping[str, "CompiledBranch"]
    into: str | None
    row_fields: Mapping[str, str]
    set: Mapping[str, str | int | bool]
    move: Mapping[str, str]
    forget: tuple[str, ...]
    close: bool
    say: Template | None
    files: Callable[[Any], list[Any]] | None
    caption: Template | None
    tell: tuple[str, ...]

    def is_open(self, context: Any) -> bool:
        """Return whether every guard of the branch holds."""
        return all(guard(context) for guard in self.guards)


@dataclass(frozen=True, slots=True)
class CompiledButton:
    """A button of a step or notice: `trigger` selects its branch; a `status` button stands for transitions instead.

    A press of one that `answers` completes the answer to the step.
    """

    key: str
    text: Template | None
    beside: bool
    trigger: str
    branch: CompiledBranch
    status: str | None = None
    columns: int = 1
    answers: bool = False


@dataclass(frozen=True, slots=True)
class CompiledChoice:
    """A choice by buttons: `rows` is the source of its items."""

    rows: Callable[[Any, PageQuery], Page]
    into: str
    many: bool
    label: Template
    page: int
    columns: int


@dataclass(frozen=True, slots=True)
class CompiledRows:
    """A list whose rows are buttons of one branch; where it is `direct`, the branch needs only the row's value."""

    rows: Callable[[Any, PageQuery], Page]
    label: Template
    page: int
    empty: Template | None
    direct: bool
    branch: CompiledBranch


@dataclass(frozen=True, slots=True)
class CompiledTimer:
    """An idle timer: `trigger` selects its branch after `span` without input."""

    trigger: str
    span: timedelta


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step. A `standalone` one depends on nothing but its subject, so that its old buttons can still be used."""

    name: str
    about: str | None
    text: Template
    sources: Mapping[str, Callable[[Any], Any]]
    expect: Expect
    needs: Mapping[str, Template]
    choice: CompiledChoice | None
    rows: CompiledRows | None
    buttons: tuple[CompiledButton, ...]
    unexpected: Template | None
    standalone: bool
    after: tuple[CompiledTimer, ...]

    @property
    def next(self) -> str:
        """The trigger for the branches of an answered step."""
        return f"{self.name}:next"


@dataclass(frozen=True, slots=True)
class CompiledTransition:
    """A status transition; who may make it is up to the machine. A `timed` one may be made by a timer.

    `ask` has the first step of the sub-dialog for each question, `answers` the shape of the value that it gives.
    """

    name: str
    target: str
    stage: str
    label: Template
    ask: Mapping[str, str]
    answers: Mapping[str, Shape]
    set: Mapping[str, str]
    action: Callable[[Any], str | None] | None
    outcomes: Mapping[str, CompiledBranch]
    tell: tuple[str, ...]
    say: Template | None
    late: Template | None
    timed: bool


@dataclass(frozen=True, slots=True)
class CompiledDeadline:
    """What happens to a subject after `span` in a status, and again every `repeat`."""

    name: str
    span: timedelta
    repeat: timedelta | None
    guards: tuple[Callable[[Any], bool], ...]
    tell: tuple[str, ...]
    make: str | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The lifecycle of one kind of subject; `deadlines` has those of each status that has any, by their names."""

    kind: str
    flow: str
    card: str
    initial: str
    moved: Mapping[str, str]
    stages: Mapping[str, str]
    may_see: tuple[Callable[[Any], bool], ...]
    transitions: Mapping[str, CompiledTransition]
    deadlines: Mapping[str, Mapping[str, CompiledDeadline]]
    machine: Machine
    position: Position
    """The position of the status section in its file."""

    def current_status(self, status: str) -> str:
        """Return the status, or its replacement where it was removed from the flow."""
        return self.moved.get(status, status)


def move_of(transition: str) -> str:
    """Return the trigger that makes a status transition which may be made, asking nothing."""
    return f"{transition}!"


@dataclass(frozen=True, slots=True)
class CompiledNotice:
    """A notice: with a text of its own, or with the subject's card where `text` is None."""

    name: str
    to: tuple[Callable[[Any], Any], ...]
    text: Template | None
    buttons: tuple[CompiledButton, ...]


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """A branch that is open in every step, the flow it belongs to, and the trigger of its branches."""

    flow: str
    trigger: str
    branch: Anywhere


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """A command for the messenger's menu; a `guarded` one is not open to everybody."""

    name: str
    label: str
    guarded: bool


@dataclass(frozen=True, slots=True)
class CompiledFlows:
    """All flows; shared by all conversations and never changed."""

    start: str
    steps: Mapping[str, CompiledStep]
    notices: Mapping[str, CompiledNotice]
    lifecycles: Mapping[str, Lifecycle]
    phrases: Mapping[str, Template]
    moved: Mapping[str, str]
    branches: Mapping[str, CompiledBranch]
    triggers: Mapping[str, tuple[CompiledBranch, ...]]
    """The branches of each trigger, in their order: the first open one is taken."""
    anywhere: tuple[OpenBranch, ...]
    draft: tuple[CompiledTimer, ...]
    versions: Mapping[str, int]
    machine: Machine
    hooks: Hooks
    commands: Sequence[MenuCommand] = ()
