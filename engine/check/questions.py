"""Checks of what steps ask for: an answer is expected where a branch follows it, and leads on where it is expected."""

from engine.i18n import message
from engine.language.dialog import Step
from engine.reading.catalog import Catalog, full_name, outcome_branches


def check_questions(catalog: Catalog) -> None:
    """Report answers that lead nowhere, branches that follow no answer, and rows that do nothing."""
    if not catalog.complete():
        return
    given_to = _given_to(catalog)
    for at in catalog.steps().values():
        step = at.step
        asks = _asks(step)
        answers = any(button.next_ for button in step.buttons)
        if step.next_ and not asks and not answers:
            what = message('"next" follows an answer, and nothing is asked here')
            catalog.report(
                at.path.inside("next"), what, message("lead on with a button, or expect something"), key=True
            )
        if step.choose and step.choose.many and not answers:
            what = message("several may be ticked, and no button ends the choice")
            hint = message('add a button with "next: true"')
            catalog.report(at.path.inside("choose", "many"), what, hint, key=True)
        # Where a sub-dialog begins, that it gives nothing back is said at its call.
        if step.choose and not step.next_ and at.name not in given_to:
            what = message("what is chosen here leads nowhere")
            catalog.report(at.path.inside("choose"), what, message('add "next"'), key=True)
        rows = step.list_
        if rows and not rows.navigation() and not rows.do and not rows.send and not rows.say:
            what = message("a row that is pressed does nothing")
            catalog.report(
                at.path.inside("list"), what, message('add "go", and "with" for what the step is about'), key=True
            )


def _given_to(catalog: Catalog) -> set[str]:
    """Return the steps that are called, or asked by a transition: what is answered there is given to others."""
    asked = (
        full_name(file.flow, step)
        for file, status in catalog.statuses()
        for each in status.transitions
        for step in each.ask.values()
    )
    called = (
        full_name(path.flow, branch.call)
        for at in catalog.branches()
        for _, branch, path in outcome_branches(at)
        if branch.call
    )
    return {*asked, *called}


def _asks(step: Step) -> bool:
    return bool(step.expect.text or step.expect.photo or step.expect.document or step.choose)
