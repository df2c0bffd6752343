"""The context that guards, actions and sources get while one event is handled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.calendar import Calendars
from engine.compiled import CompiledFlows, Lifecycle
from engine.conversation import ANSWER, DRAFT, PERSON, Conversation, Frame
from engine.domain_events import CREATED, REFUSAL, DomainEvent
from engine.events import SubjectRef
from engine.screen import Deadlines, Reply
from engine.subjects import Nobody, Person, Subject

Trace = Callable[[str], None] | None


@dataclass(slots=True)
class Context:
    """One event, one person, one frame; `transaction` is for hooks, the engine does not use it.

    `before` is the subject as it was before a status transition, `album` the id of the album that the event is part of.
    `focus` is the subject that an action has created or found: until the branch is done, it is used instead of the
    step's. `opened` is false while a card is drawn outside of the person's dialog. `unseen` is true where the person
    has not been shown their step yet, because the one on screen was removed. `locking` says to lock subjects.
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
    calendars: Calendars = field(default_factory=Calendars)
    _allowed: dict[str, bool] = field(default_factory=dict)
    _subject: tuple[SubjectRef, Subject | None] | None = None
    _views: dict[tuple[SubjectRef, str, str], Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return a variable, `draft.…`, `person.…`, `answer.…`, or the whole `draft`; None where it is not set."""
        if name == "draft":
            return self.conversation.draft
        return self._scope(name).get(_short(name))

    def set(self, name: str, value: Any) -> None:
        """Set a variable; the value must be JSON data."""
        self._scope(name)[_short(name)] = value

    def forget(self, name: str) -> None:
        """Delete a variable; `draft` deletes the whole draft, and later pieces of its album are then ignored."""
        if name == "draft":
            self.conversation.draft.clear()
            if self.conversation.album and "owner" not in self.conversation.album:
                self.conversation.album["closed"] = True
        else:
            self._scope(name).pop(_short(name), None)

    def _scope(self, name: str) -> dict[str, Any]:
        if name.startswith(DRAFT):
            return self.conversation.draft
        if name.startswith(ANSWER):
            return self.answers
        return self.person.prefs if name.startswith(PERSON) else self.frame.data

    @property
    def actor(self) -> Person | None:
        """The person who causes the event; None for a timer."""
        return None if isinstance(self.person, Nobody) else self.person

    @property
    def subject_ref(self) -> SubjectRef | None:
        """The subject of the step, the notice or the reply, or the one in focus."""
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
        """The current subject, loaded once; None where there is none."""
        ref = self.subject_ref
        if ref is None:
            return None
        if self._subject is None or self._subject[0] != ref:
            port = self.flows.hooks.subjects[ref.kind]
            self._subject = (ref, port.load(self.transaction, ref.id, lock=self.locking))
        return self._subject[1]

    def focus_on(self, kind: str, subject_id: int, *, changed: bool = True) -> None:
        """For actions: make a subject that was changed, or only found, the one that the next step is about."""
        self.focus = SubjectRef(kind, subject_id)
        if changed:
            self.changed()

    def emit(self, name: str, **facts: str | int | None) -> None:
        """Report a domain event of the current subject; facts are ids and names, never what people wrote."""
        if self.subject_ref:
            self._report(name, facts)

    def refused(self, reason: str) -> None:
        """Report that the person's input is refused."""
        self._report(REFUSAL, {"reason": reason})

    def _report(self, name: str, facts: Mapping[str, str | int | None]) -> None:
        actor = self.actor.id if self.actor else None
        self.reply.domain_events.append(DomainEvent(name, self.subject_ref, actor, facts))

    def created(self, kind: str, subject_id: int, **facts: str | int | None) -> None:
        """For actions: focus on a subject just created, and start the deadlines of its first status.

        `facts` are for metrics and logs, see `domain_events`.
        """
        # Not `changed`: a new subject has no cards to redraw.
        self.focus_on(kind, subject_id, changed=False)
        self.emit(CREATED, **facts)
        lifecycle = self.flows.lifecycles[kind]
        self.arm(lifecycle, None, lifecycle.initial)

    def arm(self, lifecycle: Lifecycle, left: str | None, entered: str) -> None:
        """Replace the deadlines of the status that the current subject left by those of the one it entered.

        A transition to the same status leaves them running.
        """
        begun = lifecycle.deadlines.get(entered, {})
        if self.subject_ref and left != entered and (begun or left in lifecycle.deadlines):
            due = {name: self.calendars.subjects.after(self.now, each.span) for name, each in begun.items()}
            self.reply.deadlines.append(Deadlines(self.subject_ref, entered, due, fresh=left is None))

    def changed(self) -> None:
        """Note that the current subject has changed: its cards are redrawn, and it is loaded again."""
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
        """For actions: the album being sent became `part` of the current subject, and its later pieces go there.

        With `drafted` it is the album that filled the draft, which may have been sent some time before.
        """
        album = self.conversation.album
        if album and self.subject_ref and (drafted or album["id"] == self.album):
            album |= {"owner": [self.subject_ref.kind, self.subject_ref.id], "part": part}

    def for_viewer(self, person: Person, frame: Frame) -> "Context":
        """Return a context for drawing `frame` for another person; the reply is shared, nothing is locked."""
        viewer = Context(
            self.flows, self.transaction, person, self.now, self.conversation, frame, self.reply, self.answers
        )
        viewer.trace, viewer.before = self.trace, self.before
        if self._subject and viewer.subject_ref == self._subject[0]:
            viewer._subject = self._subject
        viewer._views = self._views
        return viewer

    def values(self, uses: frozenset[str], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the values of the names that a template uses."""
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
        subject, port = self.subject, self.flows.hooks.subjects[ref.kind]
        clearance = port.clearance(self.person, subject)
        key = (ref, subject.version, clearance)
        if key not in self._views:
            lifecycle = self.flows.lifecycles.get(ref.kind)
            status = lifecycle.current_status(subject.state) if lifecycle else subject.state
            self._views[key] = port.show(self.transaction, subject, status, clearance)
        return self._views[key]


def _short(name: str) -> str:
    return name.rpartition(".")[2]
