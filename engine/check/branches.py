"""Checks of branches: where each may lead, which differs for a notice, a reply, a command and a row."""

from engine.check.calls import HookCall, hook_calls
from engine.check.kinds import subjects_in_scope
from engine.check.references import NOTICE
from engine.hooks.registry import Hooks
from engine.i18n import Message, joined_by_or, message
from engine.language.dialog import Branch, Button, Rows, Timed
from engine.language.file import FlowFile
from engine.problems import did_you_mean
from engine.reading.catalog import BranchAt, Catalog, KeyPath, outcome_branches

FROM_ANYWHERE = {"go", "back", "cancel"}
"""Where a branch that is open in every step may lead: it does not know the step it is taken in."""


def check_branches(catalog: Catalog, hooks: Hooks) -> None:
    """Report navigation, notices and subjects that are not possible where they are named."""
    for at in catalog.branches():
        for outcome, branch, path in outcome_branches(at):
            navigation = branch.navigation()
            if navigation and navigation not in _allowed(at):
                hint = (
                    message("lead with {keys}", keys=joined_by_or(sorted(_allowed(at))))
                    if _allowed(at)
                    else message("take it out")
                )
                catalog.report(path.inside(navigation), _out_of_place(navigation, at), hint, key=True)
            if branch.with_ and not isinstance(at.branch, Rows):
                catalog.report(path.inside("with"), message('"with" names fields of a row, and here is none'), key=True)
            _check_notices(catalog, hooks, at, branch, outcome, path)
        if isinstance(at.branch, Button) and at.branch.next_:
            _check_next(catalog, at)
    for call in hook_calls(catalog):
        if call.kind == "guard" and call.at:
            _check_relation(catalog, hooks, call.at, call)


def _allowed(at: BranchAt) -> set[str]:
    if at.notice:
        return {"go"}
    if at.anywhere:
        return set() if at.anywhere.reply_to else FROM_ANYWHERE
    if at.transition:
        return FROM_ANYWHERE
    if isinstance(at.branch, Timed):
        return {"go", "edit", "call", "back", "cancel"} if at.step else FROM_ANYWHERE
    return {"go", "edit", "call", "give", "back", "cancel"}


def _out_of_place(key: str, at: BranchAt) -> Message:
    if at.notice:
        return message('"{key}" does not serve on a notice, which stands in no dialog', key=key)
    if at.anywhere and at.anywhere.reply_to:
        return message('"{key}" does not serve after a reply, which leaves the person in their step', key=key)
    if at.transition:
        return message('"{key}" does not serve instead of a transition, which any step may show', key=key)
    if isinstance(at.branch, Timed) and at.step:
        return message('"{key}" does not serve where time leads on, and nobody answers', key=key)
    return message('"{key}" does not serve in a way that is open in every step', key=key)


def _check_next(catalog: Catalog, at: BranchAt) -> None:
    if at.step is None:
        catalog.report(
            at.path.inside("next"), message('"next" does not serve on a notice, which asks nothing'), key=True
        )
    elif not at.step.step.next_:
        catalog.report(
            at.path.inside("next"), message('the step has no "next" to go on with'), message('lead with "go"'), key=True
        )


def _check_notices(
    catalog: Catalog, hooks: Hooks, at: BranchAt, branch: Branch, outcome: str | None, path: KeyPath
) -> None:
    kinds = set(subjects_in_scope(catalog, hooks, at, outcome))
    flows = [flow for kind in kinds if (flow := catalog.subject_flow(kind))]
    known = {name for flow in flows for name in catalog.raw_keys(flow.flow, "notices")}
    for index, name in enumerate(branch.tell):
        if not kinds:
            what = message('the notice "{name}" is about a subject, and here is none', name=name)
            catalog.report(path.inside("tell", index), what, message("tell it where a step or an action has one"))
        elif name not in known and not (catalog.partial and not flows) and _is_news(catalog, hooks, kinds, flows, name):
            catalog.report(
                path.inside("tell", index), message('unknown notice "{name}"', name=name), did_you_mean(name, known)
            )


def _is_news(catalog: Catalog, hooks: Hooks, kinds: set[str], flows: list[FlowFile], name: str) -> bool:
    """Return whether it has not been reported yet that there is no such notice, or no such kind of subject."""
    return kinds <= hooks.subjects.keys() and not any(catalog.lacks(NOTICE, f"{flow.flow}.{name}") for flow in flows)


def _check_relation(catalog: Catalog, hooks: Hooks, at: BranchAt, call: HookCall) -> None:
    audience = hooks.audiences.get(call.call.name)
    if audience and audience.about and not set(subjects_in_scope(catalog, hooks, at, "")):
        what = message('"{audience}" is a relation to a subject, and here is none', audience=audience.name)
        catalog.report(call.path, what, message("ask for it in a step that is about one"))
