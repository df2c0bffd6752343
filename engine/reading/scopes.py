"""Scopes: the values that templates can use at each path, and their shapes, inferred from the flows and the hooks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from engine.hooks.declarations import Source
from engine.hooks.registry import Hooks
from engine.i18n import Message
from engine.language.base import Call
from engine.language.dialog import Choose, Expect
from engine.language.status import Transition
from engine.markup import length
from engine.reading.catalog import BranchAt, Catalog, KeyPath, StepAt, full_name, outcome_branches, step_branches
from engine.templates.shapes import Flag, Many, Number, Record, Shape, Text, Unknown, join, kind_of, of_model

FILE = Record("file", {"kind": Text(10), "name": Text(255), "mime": Text(100), "size": Number()})
BOUND = Number(4)
"""The length of a bound in the language: 4096 is the largest."""
PAYLOAD = Text(64)
"""The Bot API's limit of a deep link's payload."""
TICKS = 50
"""The most rows ticked in one choice, for the length of a template that prints them all."""

Scope = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A path that sets a variable to a value of `shape`.

    `sources` are the variables that the value is moved or given from, as (flow, name); `conflict` the kinds set here
    and elsewhere, where they do not go together.
    """

    path: KeyPath
    name: str
    shape: Shape
    sources: tuple[tuple[str, str], ...] = ()
    conflict: tuple[Message, Message] | None = None


@dataclass(slots=True)
class Scopes:
    """The shapes of all variables: of each flow's dialog, of the draft and of a person."""

    catalog: Catalog
    hooks: Hooks
    variables: dict[str, dict[str, Shape]] = field(default_factory=dict)
    assignments: dict[tuple[KeyPath, str], Assignment] = field(default_factory=dict)
    _given: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog, hooks: Hooks) -> "Scopes":
        """Infer the shapes from every `into`, `caption`, `value`, `set`, `move` and `give`."""
        scopes = cls(catalog, hooks)
        scopes._read_inputs()
        before = None
        # Until nothing changes: a sub-dialog may give a value that another one has given to it.
        while before != scopes.variables:
            before = {owner: dict(own) for owner, own in scopes.variables.items()}
            scopes._read_calls()
        for assignment in scopes.assignments.values():
            if assignment.conflict:
                scopes._assign_unknown(assignment)
        for owner, name in catalog.raw_variables():
            scopes.variables.setdefault(owner, {}).setdefault(name, Unknown())
        return scopes

    def assigned(self, flow: str, name: str) -> list[Assignment]:
        """Return where people or constants fill a variable as `flow` names it, also before it is moved or given on."""
        found: list[Assignment] = []
        todo, seen = [_home(flow, name)], set[tuple[str, str]]()
        while todo:
            home = todo.pop()
            if home not in seen:
                seen.add(home)
                own = [each for each in self.assignments.values() if _home(each.path.flow, each.name) == home]
                found += (each for each in own if not each.sources)
                todo += (_home(*source) for each in own for source in each.sources)
        return found

    def items(self, path: KeyPath, values: frozenset[str]) -> list[KeyPath]:
        """Return where those items of a fixed list are written that a choice at `path` is made from."""
        at = self.catalog.steps().get(f"{path.flow}.{path.location[1]}") if path.location[0] == "steps" else None
        name = at.step.choose.from_.name if at and at.step.choose else None
        return [
            KeyPath(file.flow, ("lists", name, value))
            for file in self.catalog.files()
            if name in file.lists
            for value in sorted(values)
        ]

    def variable(self, flow: str, name: str) -> Shape | None:
        """Return the shape of a variable by its name in `flow`, None where nothing sets it."""
        owner, _, short = name.rpartition(".")
        return self.variables.get(owner or flow, {}).get(short)

    def dialog(self, flow: str) -> Scope:
        """Return the scope of all templates in `flow`."""
        own = self.variables.get(flow, {})
        if self.catalog.partial or self.catalog.lacking:
            return {**own, "draft": Unknown(), "person": Unknown()}
        person = Record("person", {**self.hooks.person.fields, **self.variables.get("person", {})})
        return {**own, "draft": Record("draft", self.variables.get("draft", {})), "person": person}

    def step(self, step: StepAt) -> Scope:
        """Return the scope of a step: its flow's, its subject and its sources."""
        sources = self.hooks.sources
        found: dict[str, Shape] = {**self.dialog(step.path.flow), **self.subject(step.step.about)}
        if "source" in step.step.model_fields_set and not step.step.source:
            # An empty list is reported as such: any source may have been meant.
            found |= dict.fromkeys(sources, Unknown())
        for call in step.step.source:
            if call.name in sources:
                found[call.name] = sources[call.name].shape
            else:
                found |= dict.fromkeys((*sources, call.name), Unknown())
        return found

    def branch(self, at: BranchAt, outcome: str | None = None) -> Scope:
        """Return the scope of a branch, or of one outcome of its action."""
        created_kind = self.created_kind(at) if outcome is None else None
        if at.step:
            return {**self.step(at.step), **self.subject(created_kind)}
        reply_to = at.anywhere.reply_to if at.anywhere else None
        own = self.catalog.flows[at.path.flow].file.subject if at.notice or at.transition else None
        subject = reply_to or own
        return {**self.dialog(at.path.flow), **self.subject(created_kind or subject)}

    def created_kind(self, at: BranchAt) -> str | None:
        """Return the kind of subject that the action of a branch creates; "?" for an unknown action."""
        if at.branch.do is None:
            return None
        action = self.hooks.actions.get(at.branch.do.name)
        return action.gives if action else "?"

    def subject(self, kind: str | None) -> Scope:
        """Return the subject's name and shape; a misspelt kind may be any."""
        if kind is None:
            return {}
        if kind not in self.hooks.subjects:
            return dict.fromkeys((*self.hooks.subjects, kind), Unknown())
        return {kind: of_model(self.hooks.subjects[kind].view)}

    def notice(self, flow: str) -> Scope:
        """Return the scope of a notice: the subject, the actor and the answers."""
        file = self.catalog.flows[flow].file
        answers: dict[str, Shape] = {}
        for transition in file.status.transitions if file.status else []:
            for name, shape in self.answers(flow, transition).items():
                answers[name] = _joined(answers.get(name, shape), shape)
        person = self.hooks.person
        own = {**self.variables.get(flow, {}), **self.subject(file.subject)}
        is_complete = self.catalog.flows[flow].complete and not self.catalog.partial and not self.catalog.lacking
        answer = Record("answer", answers) if is_complete else Unknown()
        return {**own, "person": person, "actor": person, "answer": answer}

    def answers(self, flow: str, transition: Transition) -> dict[str, Shape]:
        """Return the shapes of the answers to the questions of a transition."""
        shapes = {name: self.given(full_name(flow, step)) for name, step in transition.ask.items()}
        return {name: shape or Unknown() for name, shape in shapes.items()}

    def given(self, target: str) -> Shape | None:
        """Return the shape of the value that the sub-dialog at `target` gives, None where it gives none."""
        if target not in self._given:
            self._given[target] = [*_given_variables(self.catalog, target)]
        shapes = [self.variable(flow, name) or Unknown() for flow, name in self._given[target]]
        return reduce(_joined, shapes) if shapes else None

    def rows(self, call: Call) -> Source | None:
        """Return the source of rows that `call` names, None where there is none."""
        source = self.hooks.sources.get(call.name)
        return source if source and source.rows else None

    def row(self, call: Call) -> Shape:
        """Return the shape of a row of a list or a choice, Unknown where its source is."""
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

    def _assign(self, path: KeyPath, name: str, shape: Shape, sources: tuple[tuple[str, str], ...] = ()) -> None:
        owner, _, short = name.rpartition(".")
        variables = self.variables.setdefault(owner or path.flow, {})
        conflict = None
        try:
            variables[short] = join(variables[short], shape) if short in variables else shape
        except ValueError:
            conflict = kind_of(shape), kind_of(variables[short])
        self.assignments.setdefault((path, name), Assignment(path, name, shape, sources, conflict))

    def _assign_unknown(self, assignment: Assignment) -> None:
        owner, _, short = assignment.name.rpartition(".")
        self.variables[owner or assignment.path.flow][short] = Unknown()

    def _read_inputs(self) -> None:
        for step in self.catalog.steps().values():
            expect, choose = step.step.expect, step.step.choose
            if choose and expect.text and expect.text.into == choose.into and not choose.many:
                self._assign(step.path.inside("choose", "into"), choose.into, self._typed_or_chosen(choose, expect))
                expect = expect.model_copy(update={"text": None})
            elif choose:
                shape = self._chosen(choose)
                shape = Many(shape, TICKS) if choose.many else shape
                self._assign(step.path.inside("choose", "into"), choose.into, shape)
            self._read_expect(step.path.inside("expect"), expect)
        for file in self.catalog.files():
            for index, branch in enumerate(file.anywhere):
                path = KeyPath(file.flow, ("anywhere", index))
                self._read_expect(path.inside("expect"), branch.expect or Expect())
                if branch.value:
                    self._assign(path.inside("value"), branch.value, PAYLOAD)

    def _typed_or_chosen(self, choose: Choose, expect: Expect) -> Shape:
        """Return the shape of a choice whose value may also be typed, as its label."""
        chosen = self._chosen(choose)
        if not isinstance(chosen, Record) or expect.text is None:
            return chosen
        typed = Text(expect.text.max, expect.text.min)
        return Record("choice", {**chosen.fields, "label": _joined(chosen.fields["label"], typed)}, typed)

    def _read_expect(self, path: KeyPath, expect: Expect) -> None:
        if expect.text:
            self._assign(path.inside("text", "into"), expect.text.into, Text(expect.text.max, expect.text.min))
        for kind, files in (("photo", expect.photo), ("document", expect.document)):
            if files:
                self._assign(path.inside(kind, "into"), files.into, Many(FILE, files.max))
                if files.caption:
                    bound = expect.caption_bounds(files.caption)
                    where = path.inside(kind, "caption")
                    if expect.text and bound == expect.text:
                        # Without bounds of its own: those of the typed words are what a maintainer can change.
                        where = path.inside("text", "into")
                    self._assign(where, files.caption.into, Text(bound.max, bound.min))

    def _read_calls(self) -> None:
        for at in self.catalog.branches():
            for _, branch, path in outcome_branches(at):
                target = full_name(path.flow, branch.call) if branch.call else ""
                if branch.into and (shape := self.given(target)):
                    self._assign(path.inside("into"), branch.into, shape, (*_given_variables(self.catalog, target),))
                for name, value in branch.set.items():
                    self._assign(path.inside("set", name), name, _constant(value))
                for name, moved_to in branch.move.items():
                    moved = self.variable(path.flow, name) or Unknown()
                    self._assign(path.inside("move", name), moved_to, moved, ((path.flow, name),))


def _home(flow: str, name: str) -> tuple[str, str]:
    """Return whose variable it is that `flow` calls `name`, and what it is called there."""
    owner, _, short = name.rpartition(".")
    return owner or flow, short


def _joined(first: Shape, second: Shape) -> Shape:
    """Return a shape for both, Unknown where there is none."""
    try:
        return join(first, second)
    except ValueError:
        return Unknown()


def _constant(value: str | int | bool) -> Shape:
    if isinstance(value, bool):
        return Flag()
    return Number() if isinstance(value, int) else Text(length(value), length(value), frozenset({value}))


def _given_variables(catalog: Catalog, target: str) -> Iterator[tuple[str, str]]:
    """Yield the variables that the sub-dialog at `target` can give: (flow, variable)."""
    steps, todo, seen = catalog.steps(), [target], set()
    while todo:
        name = todo.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        for at in step_branches(steps[name]):
            for _, branch, path in outcome_branches(at):
                if branch.give:
                    yield path.flow, branch.give
                elif branch.go:
                    todo.append(full_name(path.flow, branch.go))
