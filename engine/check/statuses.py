"""Checks of lifecycles: statuses that can be reached and left, transitions that somebody can make."""

from engine.check.references import NOTICE, STATUS, status_references
from engine.check.traps import traps
from engine.i18n import joined_by_or, message
from engine.language.file import FlowFile
from engine.language.status import TIMER, Status, Transition
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath

CLOSED = {"done", "dropped"}
"""Stages in which a lifecycle may end."""


def check_statuses(catalog: Catalog) -> None:
    """Report the mistakes of every status section."""
    unknown = {path.flow for path, name in status_references(catalog) if not _known(catalog, path, name)}
    for file, status in catalog.statuses():
        here = KeyPath(file.flow, ("status",))
        if file.flow not in unknown and catalog.complete():
            _check_states(catalog, status, here)
        for old in status.moved:
            if old in status.states:
                catalog.report(
                    here.inside("moved", old),
                    message('"{old}" is still a status', old=old),
                    message("take it out of moved"),
                    key=True,
                )
        names: set[str] = set()
        for index, transition in enumerate(status.transitions):
            path = here.inside("transitions", index)
            if transition.name in names:
                catalog.report(
                    path.inside("name"),
                    message('the transition "{transition}" stands here twice', transition=transition.name),
                )
            names.add(transition.name)
            _check_notices(catalog, file, transition, path)
        if catalog.complete():
            _check_buttons(catalog, file, status, here)


def _known(catalog: Catalog, path: KeyPath, name: str) -> bool:
    states = catalog.raw_keys(path.flow, "status", "states")
    if name not in states and not catalog.lacks(STATUS, f"{path.flow}.{name}"):
        catalog.report(path, message('unknown status "{name}"', name=name), did_you_mean(name, states))
    return name in states


def _check_states(catalog: Catalog, status: Status, here: KeyPath) -> None:
    reached = _reached(status)
    left = {name for each in status.transitions for name in each.from_ if name != each.to}
    # An empty list under "from" is reported as such, and what it was to lead from may be any status.
    from_is_known = all(each.from_ for each in status.transitions)
    for name, state in status.states.items():
        path = here.inside("states", name)
        if name not in reached and from_is_known:
            what = message('no transition leads to the status "{name}"', name=name)
            catalog.report(path, what, message("add one, or take it out"), key=True)
        if name not in left and state.stage not in CLOSED and from_is_known:
            hint = message(
                "add a transition from it, or give it the stage {stages}", stages=joined_by_or(sorted(CLOSED))
            )
            catalog.report(path, message('nobody can leave the status "{name}"', name=name), hint, key=True)
        for index, deadline in enumerate(state.after if name not in left and state.stage in CLOSED else ()):
            if deadline.repeat:
                what = message('nothing leads on from "{name}": this would be repeated for ever', name=name)
                catalog.report(path.inside("after", index, "repeat"), what, message('take "repeat" out'))
    # Without any end it is a thing that goes round for ever, such as one that is lent and returned.
    ends = {name for name, state in status.states.items() if state.stage in CLOSED}
    for group in traps(_onward(status), ends | (status.states.keys() - left)) if ends and from_is_known else ():
        stuck = message('from the status "{name}" no transition leads to an end', name=group[0])
        way_out = message("add one to a status of the stage {stages}", stages=joined_by_or(sorted(CLOSED)))
        catalog.report(here.inside("states", group[0]), stuck, way_out, key=True)


def _onward(status: Status) -> dict[str, set[str]]:
    """Return where transitions lead from each status."""
    onward: dict[str, set[str]] = {name: set() for name in status.states}
    for each in status.transitions:
        for name in each.from_:
            onward[name].add(each.to)
    return onward


def _reached(status: Status) -> set[str]:
    reached, size = {status.initial}, 0
    while size != len(reached):
        size = len(reached)
        reached |= {each.to for each in status.transitions if reached & set(each.from_)}
    return reached


def _check_notices(catalog: Catalog, file: FlowFile, transition: Transition, path: KeyPath) -> None:
    known = catalog.raw_keys(file.flow, "notices")
    for index, name in enumerate(transition.tell):
        if name not in known and not catalog.lacks(NOTICE, f"{file.flow}.{name}"):
            catalog.report(
                path.inside("tell", index), message('unknown notice "{name}"', name=name), did_you_mean(name, known)
            )


def _is_only_timed(transition: Transition) -> bool:
    return all(call.name == TIMER for call in transition.by)


def _check_buttons(catalog: Catalog, file: FlowFile, status: Status, here: KeyPath) -> None:
    known = {transition.name for transition in status.transitions}
    only_timed = {transition.name for transition in status.transitions if _is_only_timed(transition)}
    shown: set[str] = set()
    for step in catalog.steps().values():
        if step.step.about == file.subject:
            shown |= {button.status for button in step.step.buttons if button.status}
    for index, transition in enumerate(status.transitions):
        if not shown & {"all", transition.name} and not _is_only_timed(transition):
            hint = message('add "status: {transition}" to the buttons of the card', transition=transition.name)
            catalog.report(
                here.inside("transitions", index, "name"),
                message('no button shows "{transition}"', transition=transition.name),
                hint,
            )
    for step in catalog.steps().values():
        for index, button in enumerate(step.step.buttons):
            path = step.path.inside("buttons", index, "status")
            if button.status and step.step.about is None:
                catalog.report(
                    path, message("a status button needs a step that is about a subject"), message('add "about"')
                )
            elif button.status and step.step.about == file.subject and button.status not in {*known, "all"}:
                catalog.report(
                    path,
                    message('unknown transition "{transition}"', transition=button.status),
                    did_you_mean(button.status, known),
                )
            elif button.status and step.step.about == file.subject and button.status in only_timed:
                catalog.report(
                    path,
                    message('nobody may press "{transition}": time makes it', transition=button.status),
                    message("take the button out"),
                )
