"""Checks of timers: their order, what deadlines do, and transitions that need no person."""

from collections.abc import Sequence

from engine.check.calls import HookCall, hook_calls
from engine.check.references import NOTICE
from engine.hooks.registry import HAS, IS, Hooks
from engine.i18n import message
from engine.language.dialog import Timed
from engine.language.file import FlowFile
from engine.language.status import TIMER, Deadline, Status, Transition
from engine.problems import did_you_mean
from engine.reading.catalog import Catalog, KeyPath, deadline_key

PERSON_GUARDS = {HAS, IS, "opened"}
"""Guards of the engine that depend on a person's dialog."""


def check_timers(catalog: Catalog, hooks: Hooks) -> None:
    """Report what is not possible for a timer."""
    for file in catalog.files():
        _check_branches(catalog, file.draft, KeyPath(file.flow, ("draft",)))
    for step in catalog.steps().values():
        _check_branches(catalog, step.step.after, step.path.inside("after"))
    for file, status in catalog.statuses():
        _check_deadlines(catalog, hooks, file, status)
        for index, transition in enumerate(status.transitions):
            if is_timed(transition):
                _check_transition(
                    catalog, hooks, status, transition, KeyPath(file.flow, ("status", "transitions", index))
                )
    for call in hook_calls(catalog):
        if call.kind == "guard" and call.subject and (call.transition is None or is_timed(call.transition)):
            _check_guard(catalog, hooks, call)


def is_timed(transition: Transition) -> bool:
    """Return whether a timer may make a transition."""
    return any(call.name == TIMER for call in transition.by)


def _check_branches(catalog: Catalog, branches: Sequence[Timed], path: KeyPath) -> None:
    for index, branch in enumerate(branches):
        here = path.inside(index)
        if index and branch.in_ <= branches[index - 1].in_:
            catalog.report(
                here.inside("in"),
                message("this comes no later than the one above"),
                message("put them in the order of time"),
            )
        does = (
            branch.navigation()
            or branch.do
            or branch.set
            or branch.move
            or branch.forget
            or branch.send
            or branch.tell
            or branch.say
        )
        if not does:
            catalog.report(here, message("nothing happens here when the time has come"), message('add "say" or "go"'))


def _check_deadlines(catalog: Catalog, hooks: Hooks, file: FlowFile, status: Status) -> None:
    for state, each in status.states.items():
        path = KeyPath(file.flow, ("status", "states", state, "after"))
        keys: set[str] = set()
        for index, deadline in enumerate(each.after):
            here, key = path.inside(index), deadline_key(deadline)
            if index and deadline.in_ < each.after[index - 1].in_:
                what = message("this comes earlier than the one above")
                catalog.report(here.inside("in"), what, message("put them in the order of time"))
            if key in keys:
                catalog.report(
                    here, message('two deadlines here answer to "{key}"', key=key), message('give one of them a "name"')
                )
            keys.add(key)
            _check_notices(catalog, deadline, here)
            _check_transition_made(catalog, status, state, deadline, here.inside("make"))


def _check_notices(catalog: Catalog, deadline: Deadline, path: KeyPath) -> None:
    notices = catalog.raw_keys(path.flow, "notices")
    for index, name in enumerate(deadline.tell):
        if name not in notices and not catalog.lacks(NOTICE, f"{path.flow}.{name}"):
            what = message('unknown notice "{name}"', name=name)
            catalog.report(path.inside("tell", index), what, did_you_mean(name, notices))


def _check_transition_made(catalog: Catalog, status: Status, state: str, deadline: Deadline, path: KeyPath) -> None:
    if not deadline.make or not catalog.complete():
        return
    known = {transition.name: transition for transition in status.transitions}
    transition = known.get(deadline.make)
    if transition is None:
        catalog.report(
            path,
            message('unknown transition "{transition}"', transition=deadline.make),
            did_you_mean(deadline.make, known),
        )
    elif not is_timed(transition):
        catalog.report(
            path,
            message('time may not make "{transition}"', transition=deadline.make),
            message('add "{timer}" to its "by"', timer=TIMER),
        )
    elif state not in transition.from_:
        catalog.report(
            path,
            message('"{transition}" does not lead from "{state}"', transition=deadline.make, state=state),
            message('name the status under its "from"'),
        )


def _check_transition(catalog: Catalog, hooks: Hooks, status: Status, transition: Transition, path: KeyPath) -> None:
    made = {deadline.make for state in status.states.values() for deadline in state.after}
    if transition.name not in made and catalog.complete():
        hint = message('add "after: {{in: 1d, make: {transition}}}" to a status', transition=transition.name)
        catalog.report(
            path.inside("by"), message('no deadline makes "{transition}"', transition=transition.name), hint, key=True
        )
    for question in transition.ask:
        what = message("nobody is there to answer when time makes this")
        catalog.report(path.inside("ask", question), what, message("let people make another transition"), key=True)
    for field, value in transition.set.items():
        if value == "actor":
            what = message('"actor" is nobody when time makes this')
            catalog.report(path.inside("set", field), what, message("let people make another transition"))


def _check_guard(catalog: Catalog, hooks: Hooks, guard: HookCall) -> None:
    if guard.call.name in hooks.audiences or guard.call.name in PERSON_GUARDS:
        what = message('"{guard}" asks about a person, and time is none', guard=guard.call.name)
        catalog.report(guard.path, what, message("ask about the subject"))
