"""Ask a state machine which of its transitions are open: their conditions are guards, and nothing moves."""

from typing import Any

from transitions import EventData, Machine

from engine.compiled import Pointer


def first_open(machine: Machine, trigger: str, pointer: Pointer, context: Any) -> int | None:
    """Return the number of the first transition of `trigger` from where the pointer stands whose conditions hold."""
    event = machine.events.get(trigger)
    if event is None:
        return None
    for number, transition in enumerate(event.transitions.get(pointer.state, [])):
        data = EventData(machine.get_state(pointer.state), event, machine, pointer, (), {"context": context})
        if all(condition.check(data) for condition in transition.conditions):
            return number
    return None
