"""Checks of edits: a step that is edited asks something, so that it is left once that is answered."""

from engine.check.questions import asks
from engine.i18n import message
from engine.reading.catalog import Catalog, StepAt, full_name, outcome_branches, step_branches


def check_edits(catalog: Catalog) -> None:
    """Report an "edit" of a step where nothing is asked, which would never come back."""
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            target = catalog.steps().get(full_name(path.flow, branch.edit)) if branch.edit else None
            if target and at.step and not _answers(target, at.step.name):
                what = message('the step "{name}" asks nothing that could be edited', name=branch.edit)
                catalog.report(path.inside("edit"), what, message('lead there with "go"'))


def _answers(step: StepAt, editing: str) -> bool:
    """Return whether something is answered or changed in a step, or a way leads back to the step `editing` it."""
    if asks(step.step):
        return True
    for at in step_branches(step):
        for _, branch, path in outcome_branches(at):
            returns = bool(branch.go) and full_name(path.flow, branch.go or "") == editing
            if returns or branch.call or branch.set or branch.forget or branch.do:
                return True
    return any(button.next_ for button in step.step.buttons)
