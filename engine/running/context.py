"""What guards, actions and sources see while one event is handled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.calendar import CLOCK, Calendar
from engine.compiled import CompiledFlows, Lifecycle
from engine.conversation import ANSWER, DRAFT, PERSON, Conversation, Frame
from engine.domain_events import CREATED, REFUSAL, DomainEvent
from engine.events import SubjectRef
from engine.screen import Deadlines, Reply
from engine.subjects import Nobody, Person, Subject

Trace = Callable[[str], None] | None


@dataclass(slots=True)
class Context:
    """One event, one person, one frame; `transaction` is passed through to hooks untouched.

    `before` is the subject as it was before a status transition, `album` the one that the event is a piece of.
    `opened` is false while a subject's card is drawn that lives on its own, outside the person's dialog.
    `unseen` says that the person has not yet been shown the step they stand in: the one they saw was removed.
    Variables are read and written with `get`, `set` and `forget`; hooks see what `engine.hooks.context` names, and
    what they declare.
    """

    flows: CompiledFlows
    transaction: Any
    person: Person
    now: datetime
    conversation: Conversation
    frame: Frame
    reply: Reply = field(default_factory=Reply)
    answers: dict[str, Any] = field(default_factory=dict)
    row: Any = None
    focus: SubjectRef | None = None
    before: Any = None
    album: str | None = None
    locking: bool = False
    unseen: bool = False
    opened: bool = True
    trace: Trace = None
    calendar: Calendar = CLOCK
    _allowed: dict[str, bool] = field(default_factory=dict)
    _subject: tuple[SubjectRef, Subject | None] | None = None
    _views: dict[tuple[SubjectRef, str], Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return a variable: of the dialog, `draft.…`, `person.…` or `answer.…`, or the whole `draft`; None without one."""
        if name == "draft":
            return self.conversation.draft
        return self._home(name).get(_short(name))

    def set(self, name: str, value: Any) -> None:
        """Give a variable its value, a plain one that JSON can hold."""
        self._home(name)[_short(name)] = value

    def forget(self, name: str) -> None:
        """Empty a variable; `draft` empties the whole draft, and late pieces of an album do not fill it again."""
        if name == "draft":
            self.conversation.draft.clear()
            if self.conversation.album and "owner" not in self.conversation.album:
                self.conversation.album["closed"] = True
        else:
            self._home(name).pop(_short(name), None)

    def _home(self, name: str) -> dict[str, Any]:
        if name.startswith(DRAFT):
            return self.conversation.draft
        if name.startswith(ANSWER):
            return self.answers
        return self.person.prefs if name.startswith(PERSON) else self.frame.data

    @property
    def actor(self) -> Person | None:
        """Who causes what happens; None where time does."""
        return None if isinstance(self.person, Nobody) else self.person

    @property
    def subject_ref(self) -> SubjectRef | None:
        """What the step, or the reply, is about."""
        if self.focus:
            return self.focus
        step = self.flows.steps.get(self.frame.step)
        kind = step.about if step else self._notice_kind()
        return SubjectRef(kind, self.frame.subject_id) if kind and self.frame.subject_id is not None else None

    def _notice_kind(self) -> str | None:
        flow = self.frame.step.partition("!")[0]
        return next((lifecycle.kind for lifecycle in self.flows.lifecycles.values() if lifecycle.flow == flow), None)

    @property
    def subject(self) -> Any:
        """The subject at hand, loaded once, or None."""
        ref = self.subject_ref
        if ref is None:
            return None
        if self._subject is None or self._subject[0] != ref:
            port = self.flows.hooks.subjects[ref.kind]
            self._subject = (ref, port.load(self.transaction, ref.id, lock=self.locking))
        return self._subject[1]

    def focus_on(self, kind: str, subject_id: int, *, changed: bool = True) -> None:
        """Say which subject an action brought about, or found where it has not `changed`: the next step is about it."""
        self.focus = SubjectRef(kind, subject_id)
        if changed:
            self.changed()

    def emit(self, name: str, **facts: str | int | None) -> None:
        """Report, to counters and logs, what happened to the subject at hand: ids and names, nobody's words."""
        if self.subject_ref:
            self._report(name, facts)

    def refused(self, reason: str) -> None:
        """Report that what the person asked for is not done."""
        self._report(REFUSAL, {"reason": reason})

    def _report(self, name: str, facts: Mapping[str, str | int | None]) -> None:
        actor = self.actor.id if self.actor else None
        self.reply.domain_events.append(DomainEvent(name, self.subject_ref, actor, facts))

    def created(self, kind: str, subject_id: int, **facts: str | int | None) -> None:
        """Say that an action made a subject: it is brought about, and the deadlines of its first status begin.

        `facts` are for counters and logs, see `domain_events`.
        """
        # Nobody has a card of a new subject that could be drawn anew.
        self.focus_on(kind, subject_id, changed=False)
        self.emit(CREATED, **facts)
        lifecycle = self.flows.lifecycles[kind]
        self.arm(lifecycle, None, lifecycle.initial)

    def arm(self, lifecycle: Lifecycle, left: str | None, entered: str) -> None:
        """Let the deadlines of the status that the subject at hand came into run, and no longer those of the one left.

        A transition that stays in the status leaves them alone.
        """
        begun = lifecycle.deadlines.get(entered, {})
        if self.subject_ref and left != entered and (begun or left in lifecycle.deadlines):
            due = {name: self.calendar.after(self.now, each.span) for name, each in begun.items()}
            self.reply.deadlines.append(Deadlines(self.subject_ref, entered, due, fresh=left is None))

    def changed(self) -> None:
        """Say that the subject at hand changed: its cards are drawn anew, and it is read again."""
        self._subject = None
        self._allowed.clear()
        if self.subject_ref and self.subject_ref not in self.reply.changed:
            self.reply.changed.append(self.subject_ref)

    def statuses(self, kind: str) -> Lifecycle:
        """Return the lifecycle of a kind of subject; raises KeyError for one that no flow describes."""
        return self.flows.lifecycles[kind]

    def allows(self, name: str, ask: Callable[[], bool]) -> bool:
        """Return what `ask` says of a status transition; it is asked once, until the subject changes."""
        if name not in self._allowed:
            self._allowed[name] = ask()
        return self._allowed[name]

    def own_album(self, part: Any, *, drafted: bool = False) -> None:
        """Say that the album being sent became `part` of the subject at hand; later pieces go there.

        `drafted` says that it is the one that filled the draft, and was sent some time before.
        """
        album = self.conversation.album
        if album and self.subject_ref and (drafted or album["id"] == self.album):
            album |= {"owner": [self.subject_ref.kind, self.subject_ref.id], "part": part}

    def seen_by(self, person: Person, frame: Frame) -> "Context":
        """Return a context in which `person` looks at `frame`; the reply is shared, the lock is not asked for."""
        viewer = Context(
            self.flows, self.transaction, person, self.now, self.conversation, frame, self.reply, self.answers
        )
        viewer.trace, viewer.before = self.trace, self.before
        if self._subject and viewer.subject_ref == self._subject[0]:
            viewer._subject = self._subject
        viewer._views = self._views
        return viewer

    def values(self, uses: frozenset[str], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what words that use these names need, and no more."""
        found: dict[str, Any] = dict(more or {})
        step = self.flows.steps.get(self.frame.step)
        for name in uses - found.keys():
            if name == "person":
                shown = self.flows.hooks.show_person(self.person)
                found[name] = {**self.person.prefs, **dict(shown)}
            elif name == "draft":
                found[name] = self.conversation.draft
            elif step and name in step.sources:
                found[name] = step.sources[name](self)
            elif name in self.flows.hooks.subjects:
                found[name] = self._shown()
            else:
                found[name] = self.frame.data.get(name)
        return found

    def _shown(self) -> Any:
        ref = self.subject_ref
        if ref is None:
            return None
        subject = self.subject
        key = (ref, subject.version)
        if key not in self._views:
            lifecycle = self.flows.lifecycles.get(ref.kind)
            status = lifecycle.now(subject.state) if lifecycle else subject.state
            self._views[key] = self.flows.hooks.subjects[ref.kind].show(self.transaction, subject, status)
        return self._views[key]


def _short(name: str) -> str:
    return name.rpartition(".")[2]
