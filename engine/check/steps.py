"""Checks of references to steps: every step exists and gets its subject."""

from collections.abc import Iterator

from engine.check.kinds import subjects_in_scope
from engine.check.references import STEP, step_references
from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.language.dialog import Branch, Rows
from engine.language.file import FlowFile
from engine.problems import did_you_mean
from engine.reading.catalog import BranchAt, Catalog, KeyPath, full_name, outcome_branches


def check_steps(catalog: Catalog, hooks: Hooks) -> bool:
    """Report unknown steps, unknown kinds of subjects, and steps reached without their subject.

    Return whether all references are to steps that exist, so that unreachable steps can be told from misspelt ones.
    """
    unknown = [reference for path, reference in step_references(catalog) if not _known(catalog, path, reference)]
    steps = catalog.steps()
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            target = steps.get(full_name(path.flow, branch.go)) if branch.go else None
            needed = target.step.about if target else None
            if needed and needed in hooks.subjects and needed not in _passed_on(catalog, hooks, at, branch, outcome):
                hint = (
                    message('say which: "with: {{{kind}: …}}"', kind=needed)
                    if isinstance(at.branch, Rows)
                    else message("lead there from one")
                )
                catalog.report(
                    path.inside("go"),
                    message('"{step}" is about a {kind}, and here is none', step=branch.go, kind=needed),
                    hint,
                )
    for kind, path in _kinds(catalog):
        if kind not in hooks.subjects:
            catalog.report(path, message('unknown subject "{kind}"', kind=kind), did_you_mean(kind, hooks.subjects))
    for file in catalog.files():
        _check_file(catalog, file)
    return not unknown


def _check_file(catalog: Catalog, file: FlowFile) -> None:
    first = file.steps.get(file.start or "")
    if first and first.about:
        what = message('"{step}" is about a {kind}, and here is none', step=file.start, kind=first.about)
        catalog.report(KeyPath(file.flow, ("start",)), what, message("begin with a step that is about nothing"))
    for old in file.moved:
        if old in file.steps:
            path = KeyPath(file.flow, ("moved", old))
            catalog.report(
                path,
                message('"{old}" is still a step of this flow', old=old),
                message("take it out of moved"),
                key=True,
            )


def _known(catalog: Catalog, path: KeyPath, reference: str) -> bool:
    found, is_lacking = catalog.is_step(path.flow, reference), catalog.lacks(STEP, full_name(path.flow, reference))
    if not found and not is_lacking:
        near = {known.removeprefix(f"{path.flow}.") for known in catalog.step_names()}
        catalog.report(path, message('unknown step "{name}"', name=reference), did_you_mean(reference, near))
    return found


def _kinds(catalog: Catalog) -> Iterator[tuple[str, KeyPath]]:
    """Yield every reference to a kind of subject: (kind, path)."""
    for step in catalog.steps().values():
        if step.step.about:
            yield step.step.about, step.path.inside("about")
    for file in catalog.files():
        for index, branch in enumerate(file.anywhere):
            if branch.reply_to:
                yield branch.reply_to, KeyPath(file.flow, ("anywhere", index, "reply_to"))


def _passed_on(catalog: Catalog, hooks: Hooks, at: BranchAt, branch: Branch, outcome: str | None) -> set[str]:
    """Return the kinds of subjects that a branch can pass on to its step."""
    rows = {*branch.with_, *at.branch.with_} if isinstance(at.branch, Rows) else set()
    return rows | set(subjects_in_scope(catalog, hooks, at, outcome))
