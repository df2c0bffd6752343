"""Turn checked flows into compiled ones: one machine for the dialogs, one for each life."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any

from transitions import EventData, Machine

from engine.compiled import (
    CompiledButton,
    CompiledChoice,
    CompiledDeadline,
    CompiledFlows,
    CompiledNotice,
    CompiledRows,
    CompiledStep,
    CompiledTimer,
    CompiledTransition,
    CompiledWay,
    Lifecycle,
    MenuCommand,
    OpenWay,
)
from engine.hooks import Hooks, Page, PageQuery
from engine.language.base import Call
from engine.language.dialog import Button, Choose, Rows, Step, Timed, Way
from engine.language.file import FlowFile
from engine.language.status import TIMER, Deadline, Status, Transition
from engine.reading.catalog import (
    Book,
    Place,
    StepAt,
    WayAt,
    button_key,
    deadline_key,
    draft_ways,
    full_name,
    open_ways,
    step_ways,
    turns,
)
from engine.reading.scopes import Scopes
from engine.short_lists import rows_of
from engine.subjects import Nobody
from engine.templates.templates import Templates, Words

ANYWHERE = "*"


def compile_flows(book: Book, hooks: Hooks, zone: tzinfo) -> CompiledFlows:
    """Compile flows that the check found no mistake in."""
    return _Compiler(book, hooks, zone).flows()


def dialog_machine(states: Sequence[str]) -> Machine:
    """Return an empty machine, made to be shared: it holds no model and imports nothing by name."""
    return Machine(model=None, states=list(states), initial=None, auto_transitions=False, send_event=True)


class _Compiler:
    def __init__(self, book: Book, hooks: Hooks, zone: tzinfo) -> None:
        self.book = book
        self.hooks = hooks
        self.templates = Templates(zone, book.labels())
        self.scopes = Scopes.of(book, hooks)
        self.ways: dict[str, CompiledWay] = {}
        notices = [f"{file.flow}!{name}" for file, name, _, _ in book.notices()]
        self.machine = dialog_machine([*book.steps(), *notices])

    def flows(self) -> CompiledFlows:
        files = list(self.book.files())
        first = next(file for file in files if file.start)
        phrases = next(file.phrases for file in files if file.phrases)
        steps = {name: self.step(step) for name, step in self.book.steps().items()}
        for file in files:
            for at in open_ways(file):
                self.lay(at, f"{ANYWHERE}:{at.key}", ANYWHERE)
        return CompiledFlows(
            start=full_name(first.flow, first.start or ""),
            steps=steps,
            notices={
                f"{file.flow}!{name}": self.notice(f"{file.flow}!{name}") for file, name, _, _ in self.book.notices()
            },
            lives={file.subject: self.life(file, status) for file, status in self.book.statuses() if file.subject},
            phrases={name: self.templates.compile(getattr(phrases, name)) for name in type(phrases).model_fields},
            moved={
                f"{file.flow}.{old}": full_name(file.flow, new) for file in files for old, new in file.moved.items()
            },
            ways=self.ways,
            versions={file.flow: file.version for file in files},
            draft=tuple(self.timer(at, ANYWHERE) for file in files for at in draft_ways(file)),
            anywhere=tuple(OpenWay(file.flow, way) for file in files for way in file.anywhere),
            machine=self.machine,
            hooks=self.hooks,
            commands=[
                MenuCommand(way.command, way.label, guarded=bool(way.when))
                for file in files
                for way in file.anywhere
                if way.command and way.label
            ],
        )

    def words(self, source: str | None) -> Words | None:
        return self.templates.compile(source) if source else None

    def guard(self, call: Call) -> Callable[[Any], bool]:
        audience = self.hooks.audiences.get(call.name)
        guard = audience.includes if audience else self.hooks.guards[call.name].bind(call.arguments)
        return (lambda context: not guard(context)) if call.negated else guard

    def guards(self, calls: Sequence[Call]) -> tuple[Callable[[Any], bool], ...]:
        return tuple(self.guard(call) for call in calls)

    def action(self, call: Call | None) -> Callable[[Any], str | None] | None:
        return self.hooks.actions[call.name].bind(call.arguments) if call else None

    def lay(self, at: WayAt, trigger: str, source: str) -> CompiledWay:
        """Add the transitions of a way and of each outcome of its action; return the way itself."""
        number = sum(name.partition("#")[0] == trigger and "!" not in name for name in self.ways)
        name = f"{trigger}#{number}"
        main = self.way(name, at.way, at.place, at.way)
        for outcome, way, place in turns(at):
            turn = self.way(f"{name}!{outcome}", way, place, at.way) if outcome else main
            self.ways[turn.name] = turn
            self.machine.add_transition(
                trigger, source, turn.target, conditions=[_takes(main, outcome)], after=[_taken(turn)]
            )
        return main

    def way(self, name: str, way: Way, place: Place, owner: Way) -> CompiledWay:
        reference = way.go or way.edit or way.call
        return CompiledWay(
            name=name,
            place=place,
            direction=way.direction() or "stay",
            target=full_name(place.flow, reference) if reference else None,
            guards=self.guards(way.when),
            action=self.action(way.do),
            into=way.give or way.into,
            about=way.with_ or owner.with_,
            set=way.set,
            move=way.move,
            forget=tuple(way.forget),
            close=way.close,
            say=self.words(way.say),
            files=self.hooks.file_sources[way.send.from_.name].bind(way.send.from_.arguments) if way.send else None,
            caption=self.words(way.send.caption) if way.send else None,
            tell=tuple(way.tell),
        )

    def button(self, at: WayAt, owner: str) -> CompiledButton:
        button = at.way
        assert isinstance(button, Button)  # narrows for the type checker  # noqa: S101  # nosec B101
        trigger = f"{owner}:{at.key}"
        way = self.lay(at, trigger, owner)
        text = self.words(button.text)
        return CompiledButton(
            at.key, text, button.beside, trigger, way, button.status, button.columns, answers=button.next_
        )

    def timer(self, at: WayAt, owner: str) -> CompiledTimer:
        timed = at.way
        assert isinstance(timed, Timed)  # narrows for the type checker  # noqa: S101  # nosec B101
        trigger = f"{owner}:{at.key}"
        self.lay(at, trigger, owner)
        return CompiledTimer(trigger, timed.in_)

    def step(self, at: StepAt) -> CompiledStep:
        buttons, timers, rows_way = [], [], None
        for way in step_ways(at):
            if isinstance(way.way, Button):
                buttons.append(self.button(way, at.name))
            elif isinstance(way.way, Timed):
                timers.append(self.timer(way, at.name))
            elif isinstance(way.way, Rows):
                rows_way = self.lay(way, f"{at.name}:{way.key}", at.name)
            else:
                self.lay(way, f"{at.name}:{way.key}", at.name)
        step = at.step
        return CompiledStep(
            name=at.name,
            about=step.about,
            text=self.templates.compile(step.text),
            sources={call.name: self.hooks.sources[call.name].bind(call.arguments) for call in step.source},
            expect=step.expect,
            needs={name: self.templates.compile(question) for name, question in step.needs.items()},
            choice=self.choice(step.choose) if step.choose else None,
            rows=self.rows(step.list_, rows_way) if step.list_ and rows_way else None,
            buttons=tuple(buttons),
            unexpected=self.words(step.unexpected),
            standalone=self.standalone(at),
            after=tuple(timers),
        )

    def standalone(self, at: StepAt) -> bool:
        step: Step = at.step
        used = self.templates.compile(step.text).uses
        kept = {"draft", *self.scopes.kept.get(at.place.flow, {})}
        gives = any(way.give for each in step_ways(at) for _, way, _ in turns(each))
        asks = step.next_ or step.expect.text or step.expect.photo or step.expect.document
        file, name = self.book.flows[at.place.flow].file, at.place.location[1]
        # The first step and a card are there at any time, whatever they take up and take in.
        return name in (file.start, file.card) or not (asks or step.choose or step.needs or gives or used & kept)

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
        items = self.book.labels().get(call.name)
        if items is not None:
            return rows_of(items)
        return self.hooks.sources[call.name].bind(call.arguments)

    def rows(self, rows: Rows, way: CompiledWay) -> CompiledRows:
        return CompiledRows(
            rows=self.rows_call(rows.rows),
            label=self.templates.compile(rows.label),
            page=rows.page,
            empty=self.words(rows.empty),
            direct=not rows.do and set(rows.with_.values()) <= {"value"},
            way=way,
        )

    def notice(self, name: str) -> CompiledNotice:
        flow, _, short = name.partition("!")
        notice = self.book.flows[flow].file.notices[short]
        place = Place(flow, ("notices", short))
        ways = [WayAt(button_key(b), b, place.inside("buttons", i), notice=name) for i, b in enumerate(notice.buttons)]
        members = [self.hooks.audiences[call.name].members for call in notice.to]
        return CompiledNotice(
            name=name,
            to=tuple(each for each in members if each),
            text=self.words(notice.text),
            buttons=tuple(self.button(at, name) for at in ways),
        )

    def life(self, file: FlowFile, status: Status) -> Lifecycle:
        machine = dialog_machine(list(status.states))
        for each in status.transitions:
            by, when = tuple(map(self.may, each.by)), self.guards(each.when)
            machine.add_transition(each.name, [*each.from_], each.to, conditions=[_may(by, when)])
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
            mark=self.book.mark(Place(file.flow, ("status",)), key=True),
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
            set=each.set,
            action=self.action(each.do),
            tell=tuple(each.tell),
            say=self.words(each.say),
            late=self.words(each.late),
            timed=any(call.name == TIMER for call in each.by),
        )


def _is_time(context: Any) -> bool:
    return isinstance(context.person, Nobody)


def _takes(way: CompiledWay, outcome: str | None) -> Callable[[EventData], bool]:
    """Return the condition of one outcome: the guards hold, and the action, run once, ended with it."""

    def condition(event: EventData) -> bool:
        context = event.kwargs["context"]
        return way.open(context) and context.outcome_of(way) == outcome

    return condition


def _taken(way: CompiledWay) -> Callable[[EventData], None]:
    def note(event: EventData) -> None:
        event.kwargs["context"].taken = way

    return note


def _may(by: tuple[Callable[[Any], bool], ...], when: tuple[Callable[[Any], bool], ...]) -> Callable[[EventData], bool]:
    def condition(event: EventData) -> bool:
        context = event.kwargs["context"]
        return any(guard(context) for guard in by) and all(guard(context) for guard in when)

    return condition
