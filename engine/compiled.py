"""Flows made ready to run: names looked up, words compiled, ways laid as state machines."""

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
    """The model that a shared machine moves: nothing but a state."""

    state: str


@dataclass(frozen=True, slots=True)
class CompiledBranch:
    """One way on. `name` is unique; `navigation` is go, edit, call, give, back, cancel or stay.

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

    def open(self, context: Any) -> bool:
        """Tell whether every guard of the way holds."""
        return all(guard(context) for guard in self.guards)


@dataclass(frozen=True, slots=True)
class CompiledButton:
    """A button of a step or notice: `trigger` starts its way, `status` names transitions instead.

    One that `answers` says that the answer to the step is complete.
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
    """A choice: `rows` supplies what may be chosen."""

    rows: Callable[[Any, PageQuery], Page]
    into: str
    many: bool
    label: Template
    page: int
    columns: int


@dataclass(frozen=True, slots=True)
class CompiledRows:
    """A list whose rows start one way; `direct` says that a row's value is all that the way needs."""

    rows: Callable[[Any, PageQuery], Page]
    label: Template
    page: int
    empty: Template | None
    direct: bool
    branch: CompiledBranch


@dataclass(frozen=True, slots=True)
class CompiledTimer:
    """A way that time opens: `trigger` starts it after `span` of silence."""

    trigger: str
    span: timedelta


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """One step. `standalone` steps need nothing but their subject, so their old buttons still make sense."""

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
        """The trigger of an answered step."""
        return f"{self.name}:next"


@dataclass(frozen=True, slots=True)
class CompiledTransition:
    """One status transition; whether it may be made is asked of the machine. `timed`: time itself may make it.

    `ask` names the first step of the dialog behind each question, `answers` the shape of what it gives.
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
    """What time does to a subject after `span` in a status, and again every `repeat`."""

    name: str
    span: timedelta
    repeat: timedelta | None
    guards: tuple[Callable[[Any], bool], ...]
    tell: tuple[str, ...]
    make: str | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of one kind of subject; `deadlines` of each status that has some, by their names."""

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
    """Where the status section stands."""

    def now(self, status: str) -> str:
        """Return the status, or what stands for it now where it was removed from the flow."""
        return self.moved.get(status, status)


def move_of(transition: str) -> str:
    """Return the trigger that makes a status transition which may be made, asking nothing."""
    return f"{transition}!"


@dataclass(frozen=True, slots=True)
class CompiledNotice:
    """A notice: words of its own, or the card where `text` is None."""

    name: str
    to: tuple[Callable[[Any], Any], ...]
    text: Template | None
    buttons: tuple[CompiledButton, ...]


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """What opens a way in every step, the flow it stands in, and the trigger of its branches."""

    flow: str
    trigger: str
    branch: Anywhere


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """A command to be shown in the messenger's menu; one that is `guarded` is not for everybody."""

    name: str
    label: str
    guarded: bool


@dataclass(frozen=True, slots=True)
class CompiledFlows:
    """All flows, shared by every conversation and never changed."""

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
