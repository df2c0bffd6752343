"""The catalog of all flows: every step, list and branch by its full name, with its position."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from engine.durations import write_duration
from engine.i18n import Message
from engine.language.dialog import Anywhere, Branch, Button, Step, Timed
from engine.language.file import FlowFile
from engine.language.status import Deadline, Notice, Status, Transition
from engine.problems import Position, Problem
from engine.reading.loader import LoadedFlow
from engine.reading.yaml_reader import Location
from engine.templates.filters import Labels


@dataclass(frozen=True, slots=True)
class KeyPath:
    """The path of a key: the flow's name and the location in its file."""

    flow: str
    location: Location

    def beside(self, key: str) -> "KeyPath":
        """Return the path of another part of the piece that this one is a part of."""
        return KeyPath(self.flow, (*self.location[:-1], key))

    def inside(self, *steps: str | int) -> "KeyPath":
        """Return the path of a key inside this one."""
        return KeyPath(self.flow, (*self.location, *steps))


@dataclass(frozen=True, slots=True)
class StepAt:
    """A step with its full name, flow.step."""

    name: str
    step: Step
    path: KeyPath


@dataclass(frozen=True, slots=True)
class BranchAt:
    """A branch with its path, and the step, notice, `anywhere` entry or transition it belongs to.

    `key` identifies it within its step: a button's key, `next`, `row`, what opens it `anywhere`, a duration. That of a
    transition is what an outcome of its action leads to instead of the change. Those of a draft belong to nothing.
    """

    key: str
    branch: Branch
    path: KeyPath
    step: StepAt | None = None
    notice: str | None = None
    anywhere: Anywhere | None = None
    transition: Transition | None = None


@dataclass(slots=True)
class Catalog:
    """The flows by their names; `problems` collects what the checks find.

    It is `partial` when a file could not be read at all or two have the same name: what others refer to may be there.
    `lacking` are things that several places name and no flow describes, as (kind, full name), and `unfilled` variables
    that several places read and nothing fills, as (owner, name): each has been reported, and nothing that follows is.
    """

    flows: dict[str, LoadedFlow]
    partial: bool = False
    problems: list[Problem] = field(default_factory=list)
    lacking: frozenset[tuple[str, str]] = frozenset()
    unfilled: frozenset[tuple[str, str]] = frozenset()
    _steps: dict[str, StepAt] = field(init=False)
    _step_names: set[str] = field(init=False)
    _branches: tuple[BranchAt, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Every check goes through all of them: gathered once, the check takes time in proportion to the flows.
        self._steps = {
            f"{file.flow}.{name}": StepAt(f"{file.flow}.{name}", step, KeyPath(file.flow, ("steps", name)))
            for file in self.files()
            for name, step in file.steps.items()
        }
        self._step_names = {f"{flow}.{step}" for flow in self.flows for step in self.raw_keys(flow, "steps")}
        self._branches = tuple(self._all_branches())

    @classmethod
    def of(cls, flows: list[LoadedFlow], *, partial: bool = False) -> "Catalog":
        """Return the catalog of `flows`; of two with the same name, the first is used."""
        named: dict[str, LoadedFlow] = {}
        for flow in flows:
            named.setdefault(flow.file.flow, flow)
        return cls(named, partial or len(named) < len(flows))

    def files(self) -> Iterator[FlowFile]:
        """Yield the flows."""
        return (flow.file for flow in self.flows.values())

    def position(self, path: KeyPath, *, key: bool = False) -> Position:
        """Return the position of `path`, or of its `key`, in its file."""
        return self.flows[path.flow].document.position(path.location, key=key)

    def report(self, path: KeyPath, what: Message, hint: Message | None = None, *, key: bool = False) -> None:
        """Add a mistake found at `path`."""
        self.problems.append(Problem(self.position(path, key=key), what, hint))

    def steps(self) -> Mapping[str, StepAt]:
        """Return every step by its full name."""
        return self._steps

    def complete(self) -> bool:
        """Return whether every file fits the schema; where not, some pieces of the files are missing here."""
        return not self.partial and not self.lacking and all(flow.complete for flow in self.flows.values())

    def lacks(self, kind: Message, name: str) -> bool:
        """Return whether it has been reported already that nothing of a kind has this full name."""
        return (str(kind), name) in self.lacking

    def step_names(self) -> Set[str]:
        """Return the full names of all steps, including those that do not fit the schema."""
        return self._step_names

    def is_step(self, flow: str, reference: str) -> bool:
        """Return whether the step that `flow` refers to exists, or may exist in a file that could not be read."""
        elsewhere = self.partial and not full_name(flow, reference).startswith(f"{flow}.")
        return elsewhere or full_name(flow, reference) in self.step_names()

    def raw_keys(self, flow: str, *path: str) -> set[str]:
        """Return the keys that the file of `flow` has at `path`, including those that do not fit the schema."""
        data = self.flows[flow].raw
        for key in path:
            data = data.get(key) if isinstance(data, dict) else None
        return set(data) if isinstance(data, dict) else set()

    def raw_variables(self) -> Iterator[tuple[str, str]]:
        """Yield variables that are filled by what cannot be read, as it seems, or were meant to: (owner, name)."""
        yield from self.unfilled
        for name, flow in self.flows.items():
            for variable in () if flow.complete else filled_in(flow.raw):
                owner, _, short = variable.rpartition(".")
                yield owner or name, short

    def labels(self) -> Labels:
        """Return the fixed lists by name, and the statuses of each subject as <subject>_status."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for file in self.files():
            for name, items in file.lists.items():
                found[name] = {value: (item.label, item.icon) for value, item in items.items()}
            if file.status and file.subject:
                states = file.status.states
                shown = {**{name: name for name in states}, **file.status.moved}
                found[f"{file.subject}_status"] = {
                    name: (states[now].label, states[now].icon) for name, now in shown.items() if now in states
                }
        return found

    def subject_flow(self, kind: str) -> FlowFile | None:
        """Return the flow with the lifecycle of subjects of `kind`."""
        return next((file for file in self.files() if file.subject == kind), None)

    def statuses(self) -> Iterator[tuple[FlowFile, Status]]:
        """Yield the status sections with their flows."""
        return ((file, file.status) for file in self.files() if file.status)

    def notices(self) -> Iterator[tuple[FlowFile, str, Notice, KeyPath]]:
        """Yield the notices of every flow: (flow, name, notice, path)."""
        for file in self.files():
            for name, notice in file.notices.items():
                yield file, name, notice, KeyPath(file.flow, ("notices", name))

    def branches(self) -> tuple[BranchAt, ...]:
        """Return all branches of all flows: those of steps, notices, transitions and drafts, those open anywhere."""
        return self._branches

    def _all_branches(self) -> Iterator[BranchAt]:
        for step in self.steps().values():
            yield from step_branches(step)
        for file, name, notice, path in self.notices():
            for index, button in enumerate(notice.buttons):
                yield BranchAt(button_key(button), button, path.inside("buttons", index), notice=f"{file.flow}!{name}")
        for file in self.files():
            yield from open_branches(file)
            yield from draft_branches(file)
            yield from transition_branches(file)

    def deadlines(self) -> Iterator[tuple[FlowFile, str, Deadline, KeyPath]]:
        """Yield the deadlines of every status: (flow, status, deadline, path)."""
        for file, status in self.statuses():
            for name, state in status.states.items():
                for index, deadline in enumerate(state.after):
                    yield file, name, deadline, KeyPath(file.flow, ("status", "states", name, "after", index))


def full_name(flow: str, reference: str) -> str:
    """Return the full name of the step that `flow` refers to by `reference`."""
    return reference if "." in reference else f"{flow}.{reference}"


def filled_in(data: Any) -> Iterator[str]:
    """Yield the names of variables that raw data sets."""
    if isinstance(data, list):
        for item in data:
            yield from filled_in(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in {"into", "caption", "value"} and isinstance(value, str):
                yield value
            elif key == "set" and isinstance(value, dict):
                yield from value
            elif key == "move" and isinstance(value, dict):
                yield from filter(_is_text, value.values())
            yield from filled_in(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def button_key(button: Button) -> str:
    """Return the key that identifies a button in callback data, so that it survives an edit of the flow."""
    if button.name or button.status:
        return button.name or button.status or ""
    if button.do:
        return button.do.name
    target = button.go or button.edit or button.call or button.give
    if target:
        return target.rpartition(".")[2]
    return next((key for key in ("back", "cancel") if getattr(button, key)), "done" if button.next_ else "stay")


def cause_of(branch: Anywhere) -> str:
    """Return what opens a branch that is open anywhere."""
    if branch.command:
        return f"command:{branch.command}"
    if branch.payload:
        return f"payload:{branch.payload}"
    return f"reply:{branch.reply_to}" if branch.reply_to else "sent"


def anywhere_key(flow: str, index: int, branch: Anywhere) -> str:
    """Return the key of a branch that is open anywhere.

    Entries that keep what was sent are told apart by where they stand: each keeps it for itself, if it is taken.
    """
    return cause_of(branch) if branch.command else f"{cause_of(branch)}:{flow}.{index}"


def open_branches(file: FlowFile) -> Iterator[BranchAt]:
    """Yield the branches of a flow that are open in every step."""
    for index, anywhere in enumerate(file.anywhere):
        key, path = anywhere_key(file.flow, index, anywhere), KeyPath(file.flow, ("anywhere", index))
        for number, branch in enumerate(anywhere.next_):
            yield BranchAt(key, branch, path.inside("next", number), anywhere=anywhere)
        if not anywhere.next_:
            yield BranchAt(key, anywhere, path, anywhere=anywhere)


def draft_branches(file: FlowFile) -> Iterator[BranchAt]:
    """Yield the branches of the idle timers of a draft."""
    for index, branch in enumerate(file.draft):
        yield BranchAt(timer_key("draft", branch), branch, KeyPath(file.flow, ("draft", index)))


def transition_branches(file: FlowFile) -> Iterator[BranchAt]:
    """Yield what the outcomes of the actions of transitions lead to."""
    for index, transition in enumerate(file.status.transitions if file.status else []):
        for outcome, branch in transition.otherwise.items():
            path = KeyPath(file.flow, ("status", "transitions", index, "else", outcome))
            yield BranchAt(f"{transition.name}!{outcome}", branch, path, transition=transition)


def timer_key(what: str, branch: Timed) -> str:
    """Return the key of an idle timer, by which a conversation stores that it has fired."""
    return f"{what} {write_duration(branch.in_)}"


def deadline_key(deadline: Deadline) -> str:
    """Return the key of a deadline, by which its row in the database refers to it."""
    return deadline.name or deadline.make or deadline.tell[0]


def step_branches(step: StepAt) -> Iterator[BranchAt]:
    """Yield the branches of a step."""
    for index, branch in enumerate(step.step.next_):
        yield BranchAt("next", branch, step.path.inside("next", index), step)
    if step.step.list_:
        yield BranchAt("row", step.step.list_, step.path.inside("list"), step)
    for index, button in enumerate(step.step.buttons):
        yield BranchAt(button_key(button), button, step.path.inside("buttons", index), step)
    for index, timed in enumerate(step.step.after):
        yield BranchAt(timer_key("after", timed), timed, step.path.inside("after", index), step)


def outcome_branches(at: BranchAt) -> Iterator[tuple[str | None, Branch, KeyPath]]:
    """Yield the branch of each outcome of an action, then the branch itself: (outcome or None, branch, path)."""
    for outcome, branch in at.branch.otherwise.items():
        yield outcome, branch, at.path.inside("else", outcome)
    yield None, at.branch, at.path
