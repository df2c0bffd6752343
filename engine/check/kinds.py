"""Of which kinds of subjects there is one where a branch is taken."""

from collections.abc import Iterator

from engine.hooks.registry import Hooks
from engine.reading.catalog import BranchAt, Catalog


def subjects_in_scope(catalog: Catalog, hooks: Hooks, at: BranchAt, outcome: str | None) -> Iterator[str]:
    """Yield the kinds of subjects that a branch, or an outcome of its action, has when it is taken."""
    action = hooks.actions.get(at.branch.do.name) if at.branch.do else None
    if at.branch.do and outcome is None:
        # A misspelt action may create anything.
        yield from hooks.subjects if action is None else [action.gives] if action.gives else []
    if at.step and at.step.step.about:
        yield at.step.step.about
    if (at.notice or at.transition) and (kind := catalog.flows[at.path.flow].file.subject):
        yield kind
    if at.anywhere and at.anywhere.reply_to:
        yield at.anywhere.reply_to
