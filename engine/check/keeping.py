"""A check that what people send is kept: printed, given to somebody, or at least shown where it leads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from engine.check.questions import lost_answers
from engine.check.texts import Words
from engine.check.variable_names import Mention, filled_by, missed_variables, readings
from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.language.dialog import Branch, Expect
from engine.reading.catalog import BranchAt, Catalog, KeyPath, StepAt, full_name, outcome_branches
from engine.reading.yaml_reader import Location

_Owner = tuple[str, Location]
"""A flow, and the block of it that mentions a variable: a step, a notice, an entry under `anywhere`."""


def check_keeping(catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> None:
    """Report what is sent and then lost: nothing reads it where the way leads from there.

    What nothing reads anywhere is reported as that. What belongs to the draft or to the person stays. Where something
    is only answered, `forget` says that it is meant so.
    """
    if not catalog.complete():
        return
    readers = _Readers(catalog, hooks, words)
    for step in catalog.steps().values():
        sent = filled_by(step.step.expect, step.path.inside("expect"))
        _report(catalog, sent, readers.kept(readers.around(step)), readers)
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            path = KeyPath(file.flow, ("anywhere", index))
            owners = [_owner(path), *([] if entry.reply_to else readers.onward(path)), *readers.told(path)]
            dropped = {name for branch in readers.branches[_owner(path)] for name in branch.forget}
            sent = filled_by(entry.expect or Expect(), path.inside("expect"))
            _report(catalog, sent, readers.kept(owners) | dropped, readers)


def _report(catalog: Catalog, sent: Iterable[Mention], kept: set[str], readers: "_Readers") -> None:
    reported: set[str] = set()
    for each in sent:
        variable = (each.path.flow, each.name)
        if "." in each.name or each.name in kept or each.name in reported:
            continue
        if variable in readers.somewhere and variable not in readers.passed_by:
            reported.add(each.name)
            what = message('what is sent into "{name}" here is lost: nothing reads it from here on', name=each.name)
            hint = message("give it to an action, print it, or keep it in the draft: draft.{name}", name=each.name)
            catalog.report(each.path, what, hint)


def _owner(path: KeyPath) -> _Owner:
    return path.flow, path.location[:2]


class _Readers:
    """Who reads which variables, and where branches lead: gathered once, for the check's work to grow with the flows.

    `somewhere` are the variables that are read at all, `passed_by` those whose loss is reported as something else.
    """

    def __init__(self, catalog: Catalog, hooks: Hooks, words: Iterable[Words]) -> None:
        self._catalog = catalog
        self._reads: dict[_Owner, set[str]] = defaultdict(set)
        for mention in readings(catalog, hooks, words):
            if mention.read:
                self._reads[_owner(mention.path)].add(mention.name)
        self.somewhere = {(flow, name) for (flow, _), names in self._reads.items() for name in names}
        self.passed_by = {*missed_variables(catalog, hooks), *lost_answers(catalog)}
        self.branches: dict[_Owner, list[Branch]] = defaultdict(list)
        self._opened: dict[str, set[str]] = defaultdict(set)
        self._onward: dict[str, set[str]] = defaultdict(set)
        for at in catalog.branches():
            for _, branch, path in outcome_branches(at):
                self.branches[_owner(at.path)].append(branch)
                self._lead(at, branch, path)
        self._notices: dict[str, list[_Owner]] = defaultdict(list)
        for file in catalog.files():
            for name in file.notices:
                self._notices[name].append((file.flow, ("notices", name)))

    def _lead(self, at: BranchAt, branch: Branch, path: KeyPath) -> None:
        if at.step:
            targets = {full_name(path.flow, step) for step in (branch.go, branch.edit, branch.call) if step}
            self._onward[at.step.name] |= targets
            for step in (branch.go, branch.edit):
                if step:
                    self._opened[full_name(path.flow, step)].add(at.step.name)

    def kept(self, owners: Iterable[_Owner]) -> set[str]:
        """Return the variables that any of these read."""
        return set().union(*(self._reads.get(each, set()) for each in owners))

    def around(self, step: StepAt) -> Iterator[_Owner]:
        """Go through what may read what a step takes: itself, where it leads on and back to, the notices it sends."""
        yield _owner(step.path)
        yield from self.onward(step.path)
        yield from self.told(step.path)
        for before in self._opened.get(step.name, ()):
            if before in self._catalog.steps():
                yield _owner(self._catalog.steps()[before].path)

    def onward(self, path: KeyPath) -> Iterator[_Owner]:
        """Go through the steps of the same flow that the branches of a block lead on to."""
        todo = [
            full_name(path.flow, step)
            for branch in self.branches[_owner(path)]
            for step in (branch.go, branch.edit, branch.call)
            if step
        ]
        found: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in found and name in self._catalog.steps() and name.startswith(f"{path.flow}."):
                found.add(name)
                yield _owner(self._catalog.steps()[name].path)
                todo += self._onward[name]

    def told(self, path: KeyPath) -> Iterator[_Owner]:
        """Go through the notices that the branches of a block tell: of whichever flow, they are their subject's."""
        for branch in self.branches[_owner(path)]:
            for name in branch.tell:
                yield from self._notices.get(name, ())
