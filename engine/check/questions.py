"""Checks of what steps ask for: an answer is expected where a branch follows it, and leads on where it is expected."""

from collections.abc import Iterator

from engine.hooks.registry import HAS, IS
from engine.i18n import message
from engine.language.base import ANY, Call, alternatives
from engine.language.dialog import Button, Step
from engine.reading.catalog import Catalog, KeyPath, StepAt, full_name, outcome_branches


def check_questions(catalog: Catalog) -> None:
    """Report answers that lead nowhere, branches that follow no answer, and rows that do nothing."""
    if not catalog.complete():
        return
    for at in catalog.steps().values():
        _check_answers(catalog, at)
        rows = at.step.list_
        if rows and not (rows.navigation() or rows.do or rows.send or rows.say or rows.set):
            what = message("a row that is pressed does nothing")
            hint = message('add "go", and "with" for what the step is about')
            catalog.report(at.path.inside("list"), what, hint, key=True)
    for name in unanswered(catalog):
        path, is_choice = catalog.steps()[name].path, catalog.steps()[name].step.choose is not None
        what = message("what is chosen here leads nowhere") if is_choice else message("what is sent here leads nowhere")
        catalog.report(path.inside("choose" if is_choice else "expect"), what, message('add "next"'), key=True)


def asks(step: Step) -> bool:
    """Return whether a step expects an answer: something sent or chosen."""
    return bool(step.expect.text or step.expect.photo or step.expect.document or step.choose)


def _check_answers(catalog: Catalog, at: StepAt) -> None:
    step, ends = at.step, any(button.next_ for button in at.step.buttons)
    if not asks(step) and not ends:
        hint = message("lead on with a button, or expect something")
        if step.next_:
            what = message('"next" follows an answer, and nothing is asked here')
            catalog.report(at.path.inside("next"), what, hint, key=True)
        elif step.needs:
            what = message('"needs" looks at an answer, and nothing is asked here')
            catalog.report(at.path.inside("needs"), what, hint, key=True)
    if _never_ends(at):
        what = message("several may be ticked, and no button ends the choice")
        hint = message('add a button with "next: true"')
        catalog.report(at.path.inside("choose", "many"), what, hint, key=True)


def _never_ends(at: StepAt) -> bool:
    step, ends = at.step, any(button.next_ for button in at.step.buttons)
    ticks = step.choose is not None and step.choose.many
    return ticks and not ends and (bool(step.next_) or not _goes_on(at.path, step))


def lost_answers(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield the variables of steps whose answers lead nowhere, which is reported there: (flow, name)."""
    stuck = {*unanswered(catalog), *(name for name, at in catalog.steps().items() if _never_ends(at))}
    for name in stuck:
        at = catalog.steps()[name]
        yield from ((at.path.flow, variable) for variable in _variables(at.step))


def unanswered(catalog: Catalog) -> list[str]:
    """Return the steps whose answers are kept, and nothing goes on with them."""
    edited = _targets(catalog, "edit") - _targets(catalog, "go") - _targets(catalog, "call")
    return [
        name
        for name, at in catalog.steps().items()
        if asks(at.step)
        # An empty list under "next" is reported as such.
        and "next_" not in at.step.model_fields_set
        and not (at.step.choose and at.step.choose.many)
        and not any(button.next_ for button in at.step.buttons)
        and name not in edited
        and not _goes_on(at.path, at.step)
    ]


def _targets(catalog: Catalog, key: str) -> set[str]:
    return {
        full_name(path.flow, getattr(branch, key))
        for at in catalog.branches()
        for _, branch, path in outcome_branches(at)
        if getattr(branch, key)
    }


def _goes_on(path: KeyPath, step: Step) -> bool:
    """Return whether a button goes on with the answers of a step, in the place of "next".

    Files and ticks are gathered one by one until a button is pressed, whichever leads on. What is kept of the person
    need not lead anywhere.
    """
    variables = {*_variables(step)}
    gathers = not step.expect.text and not (step.choose and not step.choose.many)
    return any(
        button.give
        or button.call
        or button.do
        or variables & button.move.keys()
        or any(variables & {*_looked_at(each)} for each in button.when if not each.negated)
        or (gathers and _leads_on(path, button))
        for button in step.buttons
    ) or all(name.startswith("person.") for name in variables)


def _variables(step: Step) -> Iterator[str]:
    inputs = (step.expect.text, step.expect.photo, step.expect.document, step.choose)
    yield from (each.into for each in inputs if each)


def _leads_on(path: KeyPath, button: Button) -> bool:
    return bool(button.go) and full_name(path.flow, button.go or "").startswith(f"{path.flow}.")


def _looked_at(guard: Call) -> Iterator[str]:
    """Yield the variables that a guard looks at."""
    if guard.name == ANY:
        for each in alternatives(guard):
            yield from _looked_at(each)
    elif guard.name in {HAS, IS}:
        given = guard.arguments
        yield from [given] if isinstance(given, str) else map(str, given) if isinstance(given, dict) else ()
