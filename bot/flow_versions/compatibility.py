"""Whether flows fit what the database holds: conversations in steps, and subjects in statuses, that they do not have.

Asked at a start, before a reload, and by `zavhoz diff`: a check of the files cannot know it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.handlers.work import Work
from engine.compiled import CompiledFlows, Lifecycle
from engine.i18n import Message, counted, message
from engine.problems import Position, Problem
from storage.database.transaction import Transaction
from storage.dialogs import positions
from storage.dialogs.positions import DialogPosition


@dataclass(frozen=True, slots=True)
class GoneStep:
    """A step that the flows do not have: how many conversations are in it, and the step that `moved` names instead."""

    name: str
    conversations: int
    target: str | None


@dataclass(frozen=True, slots=True)
class GoneTransition:
    """A status transition that the flows do not have: how many conversations are answering its questions."""

    name: str
    conversations: int


@dataclass(frozen=True, slots=True)
class GoneStatus:
    """A status that the flows do not have: how many subjects are in it, and which one `status.moved` names instead."""

    kind: str
    name: str
    subjects: int
    target: str | None
    lifecycle: Lifecycle | None

    @property
    def counted(self) -> Message:
        """The number of subjects, in words."""
        return counted("{number} {kind}", "{number} {kind}s", self.subjects, kind=self.kind)


@dataclass(frozen=True, slots=True)
class Compatibility:
    """What the database holds and the flows do not have."""

    steps: tuple[GoneStep, ...]
    transitions: tuple[GoneTransition, ...]
    statuses: tuple[GoneStatus, ...]

    @property
    def to_the_menu(self) -> dict[str, int]:
        """The steps whose conversations will be moved to the menu, with the number of conversations."""
        return {each.name: each.conversations for each in self.steps if each.target is None}

    @property
    def breaks(self) -> bool:
        """Whether a conversation would be taken out of a dialog, or a subject left in a status without a way out."""
        return bool(self.to_the_menu) or any(each.target is None for each in self.statuses)

    def problems(self, folder: str) -> list[Problem]:
        """Return why the flows must not be activated: a subject whose status is gone would have no buttons any more."""
        return [_problem(each, folder) for each in self.statuses if each.target is None]


def inspect(tx: Transaction, flows: CompiledFlows) -> Compatibility:
    """Compare the steps of conversations and the statuses of subjects with those that `flows` have."""
    found = positions.open_dialogs(tx)
    # Of all bots that share the database: counting is by no bot's id.
    work = Work(tx, bot_id=0)
    numbers = {kind: port.count_by_status(work) for kind, port in flows.hooks.subjects.items()}
    return Compatibility(
        tuple(_steps(flows, found)), tuple(_transitions(flows, found)), tuple(_statuses(flows, numbers))
    )


def _steps(flows: CompiledFlows, found: Iterable[DialogPosition]) -> Iterator[GoneStep]:
    for each in found:
        if each.step not in flows.steps and each.transition is None:
            yield GoneStep(each.step, each.conversations, flows.moved.get(each.step))


def _transitions(flows: CompiledFlows, found: Iterable[DialogPosition]) -> Iterator[GoneTransition]:
    for each in found:
        step = flows.steps.get(flows.moved.get(each.step, each.step))
        lifecycle = flows.lifecycles.get(step.about or "") if step else None
        if each.transition and (lifecycle is None or each.transition not in lifecycle.transitions):
            yield GoneTransition(each.transition, each.conversations)


def _statuses(flows: CompiledFlows, numbers: Mapping[str, Mapping[str, int]]) -> Iterator[GoneStatus]:
    for kind, statuses in numbers.items():
        lifecycle = flows.lifecycles.get(kind)
        for name, number in sorted(statuses.items()):
            if lifecycle is None or name not in lifecycle.stages:
                yield GoneStatus(kind, name, number, lifecycle.moved.get(name) if lifecycle else None, lifecycle)


def _problem(gone: GoneStatus, folder: str) -> Problem:
    if gone.lifecycle is None:
        what = message(
            'no flow has the subject "{kind}", and {counted} stand in the status "{name}"',
            kind=gone.kind,
            counted=gone.counted,
            name=gone.name,
        )
        return Problem(Position(folder, 1, 1), what, message("put its flow back"))
    what = message(
        'the status "{name}" is gone, and {counted} would be stuck in it', name=gone.name, counted=gone.counted
    )
    return Problem(
        gone.lifecycle.position,
        what,
        message(
            'say what stands for it now: "moved: {{{name}: {initial}}}"', name=gone.name, initial=gone.lifecycle.initial
        ),
    )
