"""The compiler: turns checked flows into compiled ones, with one state machine for the dialogs and one per lifecycle.

In the machine of the dialogs a state is a step or a notice, and each branch is a transition of its trigger: the
branches of one trigger are tried in the order of the file, and the first whose guards hold is selected.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType
from typing import Any

from transitions import EventData, Machine

from engine.compiled import (
    CompiledBranch,
    CompiledButton,
    CompiledChoice,
    CompiledDeadline,
    CompiledFlows,
    CompiledNotice,
    CompiledRows,
    CompiledStep,
    CompiledTimer,
    CompiledTransition,
    Lifecycle,
    MenuCommand,
    OpenBranch,
    move_of,
)
from engine.hooks.declarations import DefaultVariable, answer_of, default_variable_of
from engine.hooks.paging import Page, PageQuery
from engine.hooks.registry import Hooks
from engine.language.base import ANY, Call, alternatives
from engine.language.dialog import Branch, Button, Choose, Rows, Step, Timed
from engine.language.file import FlowFile
from engine.language.status import TIMER, Deadline, Status, Transition
from engine.reading.catalog import (
    BranchAt,
    Catalog,
    KeyPath,
    StepAt,
    anywhere_key,
    button_key,
    deadline_key,
    draft_branches,
    full_name,
    open_branches,
    outcome_branches,
    step_branches,
    transition_branches,
)
from engine.reading.scopes import Scopes
from engine.short_lists import rows_of
from engine.subjects import Nobody
from engine.templates.templates import Template, Templates

ANYWHERE = "*"
NOTHING: Mapping[str, CompiledBranch] = MappingProxyType({})


def compile_flows(catalog: Catalog, hooks: Hooks, zone: tzinfo) -> CompiledFlows:
    """Compile flows in which the check has found no mistakes."""
    return _Compiler(catalog, hooks, zone).flows()


def dialog_machine(states: Sequence[str]) -> Machine:
    """Return a machine without transitions that is safe to share: it holds no model, and callbacks are functions."""
    return Machine(model=None, states=list(states), initial=None, auto_transitions=False, send_event=True)


class _Compiler:
    def __init__(self, catalog: Catalog, hooks: Hooks, zone: tzinfo) -> None:
        self.catalog = catalog
        self.hooks = hooks
        self.templates = Templates(zone, catalog.labels())
        self.scopes = Scopes.of(catalog, hooks)
        self.branches: dict[str, CompiledBranch] = {}
        self.triggers: dict[str, tuple[CompiledBranch, ...]] = {}
        notices = [f"{file.flow}!{name}" for file, name, _, _ in catalog.notices()]
        self.machine = dialog_machine([*catalog.steps(), *notices])

    def flows(self) -> CompiledFlows:
        files = list(self.catalog.files())
        first = next(file for file in files if file.start)
        phrases = next(file.phrases for file in files if file.phrases)
        steps = {name: self.step(step) for name, step in self.catalog.steps().items()}
        for file in files:
            for at in open_branches(file):
                self.add_branch(at, f"{ANYWHERE}:{at.key}", ANYWHERE)
        return CompiledFlows(
            start=full_name(first.flow, first.start or ""),
            steps=steps,
            notices={
                f"{file.flow}!{name}": self.notice(f"{file.flow}!{name}") for file, name, _, _ in self.catalog.notices()
            },
            lifecycles={
                file.subject: self.lifecycle(file, status) for file, status in self.catalog.statuses() if file.subject
            },
            phrases={name: self.templates.compile(getattr(phrases, name)) for name in type(phrases).model_fields},
            moved={
                f"{file.flow}.{old}": full_name(file.flow, new) for file in files for old, new in file.moved.items()
            },
            branches=self.branches,
            triggers=self.triggers,
            versions={file.flow: file.version for file in files},
            draft=tuple(self.timer(at, ANYWHERE) for file in files for at in draft_branches(file)),
            anywhere=tuple(
                OpenBranch(file.flow, f"{ANYWHERE}:{anywhere_key(file.flow, index, branch)}", branch)
                for file in files
                for index, branch in enumerate(file.anywhere)
            ),
            machine=self.machine,
            hooks=self.hooks,
            commands=[
                MenuCommand(branch.command, branch.label, guarded=bool(branch.when))
                for file in files
                for branch in file.anywhere
                if branch.command and branch.label
            ],
        )

    def template(self, source: str | None) -> Template | None:
        return self.templates.compile(source) if source else None

    def guard(self, call: Call) -> Callable[[Any], bool]:
        guard = self.bare_guard(call)
        return (lambda context: not guard(context)) if call.negated else guard

    def bare_guard(self, call: Call) -> Callable[[Any], bool]:
        if call.name == ANY:
            inner = self.guards(alternatives(call))
            return lambda context: any(guard(context) for guard in inner)
        audience = self.hooks.audiences.get(call.name)
        return audience.includes if audience else self.hooks.guards[call.name].bind(call.arguments)

    def guards(self, calls: Sequence[Call]) -> tuple[Callable[[Any], bool], ...]:
        return tuple(self.guard(call) for call in calls)

    def action(self, call: Call | None, default: DefaultVariable | None = None) -> Callable[[Any], str | None] | None:
        if call is None:
            return None
        action = self.hooks.actions[call.name]
        return action.bind(call.arguments, default or default_variable_of(action))

    def add_branch(self, at: BranchAt, trigger: str, source: str) -> CompiledBranch:
        """Add a branch to its trigger, and a transition of its own to it and to each outcome of its action.

        The trigger's transitions choose: their conditions are the guards. What was chosen, or where its action ended,
        is then travelled by the transition of that name, which asks nothing.
        """
        before = self.triggers.get(trigger, ())
        name = f"{trigger}#{len(before)}"
        outcomes = {
            outcome: self.route(f"{name}!{outcome}", branch, path, at.branch, source)
            for outcome, branch, path in outcome_branches(at)
            if outcome
        }
        main = self.route(name, at.branch, at.path, at.branch, source, outcomes)
        self.machine.add_transition(trigger, source, main.target, conditions=[_open(main)])
        self.triggers[trigger] = (*before, main)
        return main

    def route(
        self,
        name: str,
        branch: Branch,
        path: KeyPath,
        owner: Branch,
        source: str,
        outcomes: Mapping[str, CompiledBranch] = NOTHING,
    ) -> CompiledBranch:
        compiled = self.branches[name] = self.branch(name, branch, path, owner, outcomes)
        self.machine.add_transition(name, source, compiled.target)
        return compiled

    def branch(
        self,
        name: str,
        branch: Branch,
        path: KeyPath,
        owner: Branch,
        outcomes: Mapping[str, CompiledBranch] = NOTHING,
    ) -> CompiledBranch:
        reference = branch.go or branch.edit or branch.call
        return CompiledBranch(
            name=name,
            path=path,
            navigation=branch.navigation() or "stay",
            target=full_name(path.flow, reference) if reference else None,
            guards=self.guards(branch.when),
            action=self.action(branch.do),
            outcomes=outcomes,
            into=branch.give or branch.into,
            row_fields=branch.with_ or owner.with_,
            set=branch.set,
            move=branch.move,
            forget=tuple(branch.forget),
            close=branch.close,
            say=self.template(branch.say),
            files=self.hooks.file_sources[branch.send.from_.name].bind(branch.send.from_.arguments)
            if branch.send
            else None,
            caption=self.template(branch.send.caption) if branch.send else None,
            tell=tuple(branch.tell),
        )

    def button(self, at: BranchAt, owner: str) -> CompiledButton:
        button = at.branch
        assert isinstance(button, Button)  # narrows for the type checker  # noqa: S101  # nosec B101
        trigger = f"{owner}:{at.key}"
        branch = self.add_branch(at, trigger, owner)
        text = self.template(button.text)
        return CompiledButton(
            at.key, text, button.beside, trigger, branch, button.status, button.columns, answers=button.next_
        )

    def timer(self, at: BranchAt, owner: str) -> CompiledTimer:
        timed = at.branch
        assert isinstance(timed, Timed)  # narrows for the type checker  # noqa: S101  # nosec B101
        trigger = f"{owner}:{at.key}"
        self.add_branch(at, trigger, owner)
        return CompiledTimer(trigger, timed.in_)

    def step(self, at: StepAt) -> CompiledStep:
        buttons, timers, rows_branch = [], [], None
        for branch in step_branches(at):
            if isinstance(branch.branch, Button):
                buttons.append(self.button(branch, at.name))
            elif isinstance(branch.branch, Timed):
                timers.append(self.timer(branch, at.name))
            elif isinstance(branch.branch, Rows):
                rows_branch = self.add_branch(branch, f"{at.name}:{branch.key}", at.name)
            else:
                self.add_branch(branch, f"{at.name}:{branch.key}", at.name)
        step = at.step
        return CompiledStep(
            name=at.name,
            about=step.about,
            text=self.templates.compile(step.text),
            sources={call.name: self.hooks.sources[call.name].bind(call.arguments) for call in step.source},
            expect=step.expect,
            needs={name: self.templates.compile(question) for name, question in step.needs.items()},
            choice=self.choice(step.choose) if step.choose else None,
            rows=self.rows(step.list_, rows_branch) if step.list_ and rows_branch else None,
            buttons=tuple(buttons),
            unexpected=self.template(step.unexpected),
            standalone=self.standalone(at),
            after=tuple(timers),
        )

    def standalone(self, at: StepAt) -> bool:
        step: Step = at.step
        used = self.templates.compile(step.text).uses
        variables = {"draft", *self.scopes.variables.get(at.path.flow, {})}
        gives = any(branch.give for each in step_branches(at) for _, branch, _ in outcome_branches(each))
        asks = step.next_ or step.expect.text or step.expect.photo or step.expect.document
        file, name = self.catalog.flows[at.path.flow].file, at.path.location[1]
        # The first step and a card can be opened at any time, whatever they print and expect.
        return name in (file.start, file.card) or not (asks or step.choose or step.needs or gives or used & variables)

    def choice(self, choose: Choose) -> CompiledChoice:
        return CompiledChoice(
            rows=self.rows_call(choose.from_),
            into=choose.into,
            many=choose.many,
            label=self.templates.compile(choose.label),
            page=choose.page,
            columns=choose.columns,
        )

    def rows_call(self, call: Call) -> Callable[[Any, PageQuery], Page]:
        items = self.catalog.labels().get(call.name)
        if items is not None:
            return rows_of(items)
        return self.hooks.sources[call.name].bind(call.arguments)

    def rows(self, rows: Rows, branch: CompiledBranch) -> CompiledRows:
        return CompiledRows(
            rows=self.rows_call(rows.rows),
            label=self.templates.compile(rows.label),
            page=rows.page,
            empty=self.template(rows.empty),
            direct=not rows.do and set(rows.with_.values()) <= {"value"},
            branch=branch,
        )

    def notice(self, name: str) -> CompiledNotice:
        flow, _, short = name.partition("!")
        notice = self.catalog.flows[flow].file.notices[short]
        path = KeyPath(flow, ("notices", short))
        branches = [
            BranchAt(button_key(b), b, path.inside("buttons", i), notice=name) for i, b in enumerate(notice.buttons)
        ]
        members = [self.hooks.audiences[call.name].members for call in notice.to]
        return CompiledNotice(
            name=name,
            to=tuple(each for each in members if each),
            text=self.template(notice.text),
            buttons=tuple(self.button(at, name) for at in branches),
        )

    def lifecycle(self, file: FlowFile, status: Status) -> Lifecycle:
        machine = dialog_machine(list(status.states))
        for each in status.transitions:
            by, when = tuple(map(self.may, each.by)), self.guards(each.when)
            machine.add_transition(each.name, [*each.from_], each.to, conditions=[_may(by, when)])
            machine.add_transition(move_of(each.name), [*each.from_], each.to)
        return Lifecycle(
            kind=file.subject or "",
            flow=file.flow,
            card=full_name(file.flow, file.card or ""),
            initial=status.initial,
            moved=status.moved,
            stages={name: state.stage for name, state in status.states.items()},
            may_see=self.guards(file.may_see),
            transitions={each.name: self.transition(file, status, each) for each in status.transitions},
            deadlines={
                name: {deadline_key(each): self.deadline(each) for each in state.after}
                for name, state in status.states.items()
                if state.after
            },
            machine=machine,
            position=self.catalog.position(KeyPath(file.flow, ("status",)), key=True),
        )

    def may(self, call: Call) -> Callable[[Any], bool]:
        return _is_time if call.name == TIMER else self.guard(call)

    def deadline(self, each: Deadline) -> CompiledDeadline:
        return CompiledDeadline(
            name=deadline_key(each),
            span=each.in_,
            repeat=each.repeat,
            guards=self.guards(each.when),
            tell=tuple(each.tell),
            make=each.make,
        )

    def transition(self, file: FlowFile, status: Status, each: Transition) -> CompiledTransition:
        return CompiledTransition(
            name=each.name,
            target=each.to,
            stage=status.states[each.to].stage,
            label=self.templates.compile(each.label),
            ask={name: full_name(file.flow, step) for name, step in each.ask.items()},
            answers=self.scopes.answers(file.flow, each),
            set=each.set,
            action=self.action(each.do, answer_of),
            outcomes=self.outcomes(file, each),
            tell=tuple(each.tell),
            say=self.template(each.say),
            late=self.template(each.late),
            timed=any(call.name == TIMER for call in each.by),
        )

    def outcomes(self, file: FlowFile, each: Transition) -> dict[str, CompiledBranch]:
        """Add the branches that are taken instead of a transition whose action ends with an outcome."""
        own = [at for at in transition_branches(file) if at.transition is each]
        return {
            outcome: self.route(f"{file.flow}~{at.key}", at.branch, at.path, at.branch, ANYWHERE)
            for outcome, at in zip(each.otherwise, own, strict=True)
        }


def _is_time(context: Any) -> bool:
    return isinstance(context.person, Nobody)


def _open(branch: CompiledBranch) -> Callable[[EventData], bool]:
    return lambda event: branch.is_open(event.kwargs["context"])


def _may(by: tuple[Callable[[Any], bool], ...], when: tuple[Callable[[Any], bool], ...]) -> Callable[[EventData], bool]:
    def condition(event: EventData) -> bool:
        context = event.kwargs["context"]
        return any(guard(context) for guard in by) and all(guard(context) for guard in when)

    return condition
