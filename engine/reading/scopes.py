"""Which values words can use at each place, and their shapes, read off the flows and the hooks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from engine.hooks.declarations import Source
from engine.hooks.registry import Hooks
from engine.language.base import Call
from engine.language.dialog import Choose, Expect
from engine.language.status import Transition
from engine.markup import length
from engine.reading.catalog import BranchAt, Catalog, KeyPath, StepAt, full_name, outcome_branches
from engine.templates.shapes import Flag, Many, Number, Record, Shape, Text, Unknown, join, kind_of, of_model

FILE = Record("file", {"kind": Text(10), "name": Text(255), "mime": Text(100), "size": Number()})
BOUND = Number(4)
"""A bound of the language: 4096 at most."""
PAYLOAD = Text(64)
"""The Bot API's limit of a deep link's payload."""
TICKS = 50
"""Rows that may be ticked in one choice, for the length of words that print them all."""

Scope = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Filling:
    """A place that fills a variable with a shape.

    `clash` tells what it gets here and elsewhere where words cannot treat both.
    """

    path: KeyPath
    name: str
    shape: Shape
    clash: tuple[str, str] | None = None


@dataclass(slots=True)
class Scopes:
    """The shapes of everything that dialogs keep: of each flow's dialog, of the draft and of a person."""

    catalog: Catalog
    hooks: Hooks
    kept: dict[str, dict[str, Shape]] = field(default_factory=dict)
    fillings: dict[tuple[KeyPath, str], Filling] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog, hooks: Hooks) -> "Scopes":
        """Read the shapes off every `into`, `caption`, `value`, `set`, `move` and `give`."""
        scopes = cls(catalog, hooks)
        scopes._read_inputs()
        before = None
        while before != scopes.kept:  # a sub-dialog may hand on what it was given by another
            before = {owner: dict(kept) for owner, kept in scopes.kept.items()}
            scopes._read_calls()
        for filling in scopes.fillings.values():
            if filling.clash:
                scopes._keep_unknown(filling)
        for owner, name in catalog.raw_variables():
            scopes.kept.setdefault(owner, {}).setdefault(name, Unknown())
        return scopes

    def filled(self, flow: str, name: str) -> Iterator[Filling]:
        """Go through the places that fill a variable as `flow` names it."""
        owner, _, short = name.rpartition(".")
        for filling in self.fillings.values():
            filled, _, other = filling.name.rpartition(".")
            if other == short and (filled or filling.path.flow) == (owner or flow):
                yield filling

    def variable(self, flow: str, name: str) -> Shape | None:
        """Return the shape of a variable as `flow` names it."""
        owner, _, short = name.rpartition(".")
        return self.kept.get(owner or flow, {}).get(short)

    def dialog(self, flow: str) -> Scope:
        """Return what words can use anywhere in `flow`."""
        own = self.kept.get(flow, {})
        if self.catalog.lost:
            return {**own, "draft": Unknown(), "person": Unknown()}
        person = Record("person", {**self.hooks.person.fields, **self.kept.get("person", {})})
        return {**own, "draft": Record("draft", self.kept.get("draft", {})), "person": person}

    def step(self, step: StepAt) -> Scope:
        """Return what the words of a step can use: the dialog, its subject and its sources."""
        sources = self.hooks.sources
        found: dict[str, Shape] = {**self.dialog(step.path.flow), **self.subject(step.step.about)}
        for call in step.step.source:
            if call.name in sources:
                found[call.name] = sources[call.name].shape
            else:
                found |= dict.fromkeys((*sources, call.name), Unknown())
        return found

    def branch(self, at: BranchAt, outcome: str | None = None) -> Scope:
        """Return what the words of a way can use, or those of one outcome of its action."""
        created_kind = self.created_kind(at) if outcome is None else None
        if at.step:
            return {**self.step(at.step), **self.subject(created_kind)}
        reply_to = at.anywhere.reply_to if at.anywhere else None
        subject = reply_to or (self.catalog.flows[at.path.flow].file.subject if at.notice else None)
        return {**self.dialog(at.path.flow), **self.subject(created_kind or subject)}

    def created_kind(self, at: BranchAt) -> str | None:
        """Return the kind of subject that the action of a way brings about; an unknown action may bring any."""
        if at.branch.do is None:
            return None
        action = self.hooks.actions.get(at.branch.do.name)
        return action.gives if action else "?"

    def subject(self, kind: str | None) -> Scope:
        """Return the subject's name and shape; a kind that is misspelt may be any."""
        if kind is None:
            return {}
        if kind not in self.hooks.subjects:
            return dict.fromkeys((*self.hooks.subjects, kind), Unknown())
        return {kind: of_model(self.hooks.subjects[kind].view)}

    def notice(self, flow: str) -> Scope:
        """Return what a notice can use: the subject, who caused it and what was answered."""
        file = self.catalog.flows[flow].file
        answers: dict[str, Shape] = {}
        for transition in file.status.transitions if file.status else []:
            for name, shape in self.answers(flow, transition).items():
                answers[name] = _joined(answers.get(name, shape), shape)
        person = self.hooks.person
        said = {**self.kept.get(flow, {}), **self.subject(file.subject)}
        whole = self.catalog.flows[flow].whole and not self.catalog.lost
        return {**said, "person": person, "actor": person, "answer": Record("answer", answers) if whole else Unknown()}

    def answers(self, flow: str, transition: Transition) -> dict[str, Shape]:
        """Return what the questions of a transition give."""
        given = {name: self.given(full_name(flow, step)) for name, step in transition.ask.items()}
        return {name: shape or Unknown() for name, shape in given.items()}

    def given(self, target: str) -> Shape | None:
        """Return what the sub-dialog that begins at `target` gives back, or None where it gives nothing."""
        shapes = [self.variable(flow, name) or Unknown() for flow, name in _giving(self.catalog, target)]
        return reduce(_joined, shapes) if shapes else None

    def rows(self, call: Call) -> Source | None:
        """Return the source of rows that `call` names."""
        source = self.hooks.sources.get(call.name)
        return source if source and source.rows else None

    def row(self, call: Call) -> Shape:
        """Return the shape of a row of a list or a choice, as far as its source is known."""
        source = self.rows(call)
        items = self.catalog.labels().get(call.name)
        if source or items is None:
            return source.shape if source else Unknown()
        longest = max((length(label) for label, _ in items.values()), default=0)
        value = max(map(length, items), default=0)
        known = Text(value, min(map(length, items), default=0), frozenset(items))
        return Record("row", {"value": known, "label": Text(longest), "icon": Text(8)})

    def _chosen(self, choose: Choose) -> Shape:
        row = self.row(choose.from_)
        if not isinstance(row, Record):
            return row
        return Record("choice", {name: row.fields.get(name, Unknown()) for name in ("value", "label")})

    def _keep(self, path: KeyPath, name: str, shape: Shape) -> None:
        owner, _, short = name.rpartition(".")
        kept = self.kept.setdefault(owner or path.flow, {})
        clash = None
        try:
            kept[short] = join(kept[short], shape) if short in kept else shape
        except ValueError:
            clash = kind_of(shape), kind_of(kept[short])
        self.fillings.setdefault((path, name), Filling(path, name, shape, clash))

    def _keep_unknown(self, filling: Filling) -> None:
        owner, _, short = filling.name.rpartition(".")
        self.kept[owner or filling.path.flow][short] = Unknown()

    def _read_inputs(self) -> None:
        for step in self.catalog.steps().values():
            expect, choose = step.step.expect, step.step.choose
            if choose and expect.text and expect.text.into == choose.into and not choose.many:
                self._keep(step.path.inside("choose", "into"), choose.into, self._typed_or_chosen(choose, expect))
                expect = expect.model_copy(update={"text": None})
            elif choose:
                shape = self._chosen(choose)
                shape = Many(shape, TICKS) if choose.many else shape
                self._keep(step.path.inside("choose", "into"), choose.into, shape)
            self._read_expect(step.path.inside("expect"), expect)
        for file in self.catalog.files():
            for index, branch in enumerate(file.anywhere):
                path = KeyPath(file.flow, ("anywhere", index))
                self._read_expect(path.inside("expect"), branch.expect or Expect())
                if branch.value:
                    self._keep(path.inside("value"), branch.value, PAYLOAD)

    def _typed_or_chosen(self, choose: Choose, expect: Expect) -> Shape:
        """Return the shape of a choice in which typed words are kept like the label of a row."""
        chosen = self._chosen(choose)
        if not isinstance(chosen, Record) or expect.text is None:
            return chosen
        typed = Text(expect.text.max, expect.text.min)
        return Record("choice", {**chosen.fields, "label": _joined(chosen.fields["label"], typed)}, typed)

    def _read_expect(self, path: KeyPath, expect: Expect) -> None:
        if expect.text:
            self._keep(path.inside("text", "into"), expect.text.into, Text(expect.text.max, expect.text.min))
        for kind, files in (("photo", expect.photo), ("document", expect.document)):
            if files:
                self._keep(path.inside(kind, "into"), files.into, Many(FILE, files.max))
                if files.caption:
                    bound = expect.caption_bounds(files.caption)
                    self._keep(path.inside(kind, "caption"), files.caption.into, Text(bound.max, bound.min))

    def _read_calls(self) -> None:
        for at in self.catalog.branches():
            for _, branch, path in outcome_branches(at):
                shape = self.given(full_name(path.flow, branch.call)) if branch.call and branch.into else None
                if shape and branch.into:
                    self._keep(path.inside("into"), branch.into, shape)
                for name, value in branch.set.items():
                    self._keep(path.inside("set", name), name, _constant(value))
                for name, target in branch.move.items():
                    self._keep(path.inside("move", name), target, self.variable(path.flow, name) or Unknown())


def _joined(first: Shape, second: Shape) -> Shape:
    """Return the shape of either; of two that no words can treat alike nothing is known."""
    try:
        return join(first, second)
    except ValueError:
        return Unknown()


def _constant(value: str | int | bool) -> Shape:
    if isinstance(value, bool):
        return Flag()
    return Number() if isinstance(value, int) else Text(length(value), length(value), frozenset({value}))


def _giving(catalog: Catalog, target: str) -> Iterator[tuple[str, str]]:
    """Go through the variables with which the sub-dialog of `target` can end: (flow, variable)."""
    steps, todo, seen = catalog.steps(), [target], set()
    branches = [
        (at.step.name, branch, path) for at in catalog.branches() if at.step for _, branch, path in outcome_branches(at)
    ]
    while todo:
        name = todo.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        for owner, branch, path in branches:
            if owner == name and branch.give:
                yield path.flow, branch.give
            elif owner == name and branch.go:
                todo.append(full_name(path.flow, branch.go))
