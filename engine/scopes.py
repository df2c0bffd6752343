"""Which values words can use at each place, and their shapes, read off the flows and the hooks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.book import Book, StepAt, WayAt, full_name
from engine.hooks import Hooks, Source
from engine.language.base import Call
from engine.language.dialog import Anywhere, Choose, Expect
from engine.language.status import Transition
from engine.words.shapes import Flag, Many, Number, Record, Shape, Text, join, of_model

FILE = Record("file", {"kind": Text(10), "name": Text(255), "mime": Text(100), "size": Number()})
BOUND = Number(4)
"""A bound of the language: 4096 at most."""
PAYLOAD = Text(64)
"""The Bot API's limit of a deep link's payload."""
CAPTION = Text(1024)

Scope = Mapping[str, Shape]


@dataclass(slots=True)
class Scopes:
    """The shapes of everything that dialogs keep: of each flow's dialog, of the draft and of a person."""

    book: Book
    hooks: Hooks
    kept: dict[str, dict[str, Shape]] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Book, hooks: Hooks) -> "Scopes":
        """Read the shapes off every `into`, `value`, `set` and `give`."""
        scopes = cls(book, hooks)
        scopes._read_inputs()
        for _ in range(2):  # a sub-dialog may hand on what it was given by another
            scopes._read_calls()
        return scopes

    def variable(self, flow: str, name: str) -> Shape | None:
        """Return the shape of a variable as `flow` names it."""
        owner, _, short = name.rpartition(".")
        return self.kept.get(owner or flow, {}).get(short)

    def dialog(self, flow: str) -> Scope:
        """Return what words can use anywhere in `flow`."""
        person = Record("person", {**self.hooks.person.fields, **self.kept.get("person", {})})
        return {**self.kept.get(flow, {}), "draft": Record("draft", self.kept.get("draft", {})), "person": person}

    def step(self, step: StepAt) -> Scope:
        """Return what the words of a step can use: the dialog, its subject and its sources."""
        found = {**self.dialog(step.place.flow), **self.subject(step.step.about)}
        for call in step.step.source:
            source = self.hooks.sources.get(call.name)
            if source and not source.rows:
                found[call.name] = source.shape
        return found

    def way(self, at: WayAt) -> Scope:
        """Return what the words of a way can use."""
        action = self.hooks.actions.get(at.way.do.name) if at.way.do else None
        if at.step:
            return {**self.subject(action.gives if action else None), **self.step(at.step)}
        reply_to = at.way.reply_to if isinstance(at.way, Anywhere) else None
        subject = reply_to or (self.book.flows[at.place.flow].file.subject if at.notice else None)
        return {**self.dialog(at.place.flow), **self.subject(subject)}

    def subject(self, kind: str | None) -> Scope:
        """Return the subject's name and shape, if there is such a kind."""
        port = self.hooks.subjects.get(kind or "")
        return {port.kind: of_model(port.view)} if port else {}

    def notice(self, flow: str) -> Scope:
        """Return what a notice can use: the subject, who caused it and what was answered."""
        file = self.book.flows[flow].file
        answers: dict[str, Shape] = {}
        for transition in file.status.transitions if file.status else []:
            for name, shape in self.answers(flow, transition).items():
                answers[name] = join(answers.get(name, shape), shape)
        person = self.hooks.person
        said = {**self.kept.get(flow, {}), **self.subject(file.subject)}
        return {**said, "person": person, "actor": person, "answer": Record("answer", answers)}

    def answers(self, flow: str, transition: Transition) -> dict[str, Shape]:
        """Return what the questions of a transition give."""
        given = {name: self.given(full_name(flow, step)) for name, step in transition.ask.items()}
        return {name: shape for name, shape in given.items() if shape}

    def given(self, target: str) -> Shape | None:
        """Return what the sub-dialog that begins at `target` gives back, or None where it gives nothing."""
        shapes = [self.variable(at.place.flow, at.way.give) for at in _giving(self.book, target) if at.way.give]
        known = [shape for shape in shapes if shape]
        return known[0] if known else None

    def rows(self, call: Call) -> Source | None:
        """Return the source of rows that `call` names."""
        source = self.hooks.sources.get(call.name)
        return source if source and source.rows else None

    def chosen(self, choose: Choose) -> Record:
        """Return the shape of a row of a choice: its value and its label at least."""
        source = self.rows(choose.from_)
        if source:
            return source.shape
        items = self.book.labels().get(choose.from_.name, {})
        longest = max((len(label) for label, _ in items.values()), default=0)
        value = max((len(value) for value in items), default=0)
        return Record("row", {"value": Text(value), "label": Text(longest), "icon": Text(8)})

    def _keep(self, flow: str, name: str, shape: Shape) -> None:
        owner, _, short = name.rpartition(".")
        kept = self.kept.setdefault(owner or flow, {})
        kept[short] = join(kept[short], shape) if short in kept else shape

    def _read_inputs(self) -> None:
        for step in self.book.steps().values():
            typed, choose = step.step.expect.text, step.step.choose
            if choose and typed and typed.into == choose.into:
                choice = Record("choice", {"value": PAYLOAD, "label": Text(max(typed.max, self._label(choose)))})
                self._keep(step.place.flow, choose.into, choice)
                continue
            self._read_expect(step.place.flow, step.step.expect)
            if step.step.choose:
                row = self.chosen(step.step.choose)
                choice = Record(
                    "choice", {"value": row.fields.get("value", PAYLOAD), "label": row.fields.get("label", PAYLOAD)}
                )
                self._keep(
                    step.place.flow, step.step.choose.into, Many(choice, 50) if step.step.choose.many else choice
                )
        for file in self.book.files():
            for way in file.anywhere:
                self._read_expect(file.flow, way.expect or Expect())
                if way.value:
                    self._keep(file.flow, way.value, PAYLOAD)

    def _label(self, choose: Choose) -> int:
        label = self.chosen(choose).fields.get("label")
        return label.max if isinstance(label, Text) else PAYLOAD.max

    def _read_expect(self, flow: str, expect: Expect) -> None:
        if expect.text:
            self._keep(flow, expect.text.into, Text(expect.text.max))
        for files in (expect.photo, expect.document):
            if files:
                self._keep(flow, files.into, Many(FILE, files.max))
                if files.caption:
                    same = expect.text is not None and expect.text.into == files.caption
                    self._keep(flow, files.caption, Text(expect.text.max) if same and expect.text else CAPTION)

    def _read_calls(self) -> None:
        for at in self.book.ways():
            for way in (at.way, *at.way.otherwise.values()):
                if way.call and way.into:
                    shape = self.given(full_name(at.place.flow, way.call))
                    if shape:
                        self._keep(at.place.flow, way.into, shape)
                for name, value in way.set.items():
                    self._keep(at.place.flow, name, _constant(value))


def _constant(value: str | int | bool) -> Shape:
    if isinstance(value, bool):
        return Flag()
    return Number() if isinstance(value, int) else Text(len(value))


def _giving(book: Book, target: str) -> Iterator[WayAt]:
    """Go through the ways by which the sub-dialog of `target` can end with a value."""
    steps, todo, seen = book.steps(), [target], set()
    while todo:
        name = todo.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        for at in book.ways():
            if at.step and at.step.name == name:
                if at.way.give:
                    yield at
                elif at.way.go:
                    todo.append(full_name(at.place.flow, at.way.go))
