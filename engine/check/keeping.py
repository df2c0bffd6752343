"""A check that what people send is kept: printed, given to somebody, or at least shown where it leads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from engine.check.questions import lost_answers
from engine.check.subdialogs import onward
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
    reads: dict[_Owner, set[str]] = defaultdict(set)
    for mention in readings(catalog, hooks, words):
        if mention.read:
            reads[_owner(mention.path)].add(mention.name)
    passed_by = {*missed_variables(catalog, hooks), *lost_answers(catalog)}
    opened = _opened(catalog)
    for name, step in catalog.steps().items():
        readers = [*_around(catalog, name, step, opened), *_told(catalog, _branches_of(catalog, step.path))]
        _report(catalog, filled_by(step.step.expect, step.path.inside("expect")), readers, reads, passed_by)
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            path = KeyPath(file.flow, ("anywhere", index))
            branches = _branches_of(catalog, path)
            steps = [] if entry.reply_to else _onward(catalog, path.flow, branches)
            readers = [_owner(path), *steps, *_told(catalog, branches)]
            dropped = {name for branch in branches for name in branch.forget}
            sent = filled_by(entry.expect or Expect(), path.inside("expect"))
            _report(catalog, (each for each in sent if each.name not in dropped), readers, reads, passed_by)


def _report(
    catalog: Catalog,
    sent: Iterable[Mention],
    readers: Iterable[_Owner],
    reads: dict[_Owner, set[str]],
    passed_by: set[tuple[str, str]],
) -> None:
    kept = set().union(*(reads.get(each, set()) for each in readers))
    somewhere = {(flow, name) for (flow, _), names in reads.items() for name in names}
    reported: set[str] = set()
    for each in sent:
        flow = each.path.flow
        if "." in each.name or each.name in kept or each.name in reported:
            continue
        if (flow, each.name) in somewhere and (flow, each.name) not in passed_by:
            reported.add(each.name)
            what = message('what is sent into "{name}" here is lost: nothing reads it from here on', name=each.name)
            hint = message("give it to an action, print it, or keep it in the draft: draft.{name}", name=each.name)
            catalog.report(each.path, what, hint)


def _owner(path: KeyPath) -> _Owner:
    return path.flow, path.location[:2]


def _around(catalog: Catalog, name: str, step: StepAt, opened: dict[str, set[str]]) -> Iterator[_Owner]:
    """Go through the steps that may read what a step takes: itself, those it leads on to, those it leads back to."""
    yield _owner(step.path)
    yield from _onward(catalog, step.path.flow, _branches_of(catalog, step.path))
    for before in opened.get(name, ()):
        yield _owner(catalog.steps()[before].path)


def _onward(catalog: Catalog, flow: str, branches: Iterable[Branch]) -> Iterator[_Owner]:
    targets = {full_name(flow, step) for branch in branches for step in (branch.go, branch.edit, branch.call) if step}
    for name in onward(catalog, targets):
        path = catalog.steps()[name].path
        if path.flow == flow:
            yield _owner(path)


def _told(catalog: Catalog, branches: Iterable[Branch]) -> Iterator[_Owner]:
    """Go through the notices that branches tell: of whichever flow, for a branch tells those of its subject's."""
    told = {name for branch in branches for name in branch.tell}
    for file in catalog.files():
        for name in told & file.notices.keys():
            yield file.flow, ("notices", name)


def _branches_of(catalog: Catalog, path: KeyPath) -> list[Branch]:
    owner = _owner(path)
    return [branch for at in _those(catalog, owner) for _, branch, _ in outcome_branches(at)]


def _those(catalog: Catalog, owner: _Owner) -> Iterator[BranchAt]:
    return (at for at in catalog.branches() if _owner(at.path) == owner)


def _opened(catalog: Catalog) -> dict[str, set[str]]:
    """Return, for each step, those of its flow with a way to it: where the way back leads, and where an edit ends."""
    found: dict[str, set[str]] = defaultdict(set)
    for at in catalog.branches():
        if at.step is None:
            continue
        for _, branch, path in outcome_branches(at):
            for step in (branch.go, branch.edit):
                if step and full_name(path.flow, step) in catalog.steps():
                    found[full_name(path.flow, step)].add(at.step.name)
    return found
