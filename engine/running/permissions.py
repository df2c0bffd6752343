"""What the life of a subject allows: who may see it, and which status transitions can be made now."""

from collections.abc import Iterable

from transitions import EventData

from engine.compiled import CompiledTransition, Lifecycle, Pointer
from engine.running.context import Context


def life_of(context: Context) -> Lifecycle | None:
    """Return the life of the subject at hand."""
    return context.flows.lives.get(context.about.kind) if context.about else None


def state_of(context: Context, life: Lifecycle) -> str:
    """Return the status of the subject at hand, or what stands for it now where it was removed from the flow."""
    return life.now(context.subject.state)


def visible(context: Context) -> bool:
    """Tell whether the person may see the subject at hand; a place about nothing is visible."""
    if context.about is None:
        step = context.flows.steps.get(context.frame.step)
        return step is None or step.about is None
    life = life_of(context)
    return context.subject is not None and (life is None or any(guard(context) for guard in life.may_see))


def allowed(context: Context, names: Iterable[str]) -> list[CompiledTransition]:
    """Return those of the named transitions that the person may make now, in the order of the flow."""
    life = life_of(context)
    if life is None or context.subject is None:
        return []
    wanted = set(names)
    every = "all" in wanted
    return [each for name, each in life.transitions.items() if (every or name in wanted) and may(context, life, name)]


def may(context: Context, life: Lifecycle, name: str) -> bool:
    """Tell whether the person may make a transition from the status the subject is in."""
    model = Pointer(state_of(context, life))
    event = life.machine.events[name]
    for transition in event.transitions.get(model.state, []):
        data = EventData(life.machine.get_state(model.state), event, life.machine, model, (), {"context": context})
        if all(condition.check(data) for condition in transition.conditions):
            return True
    return False


def asks(context: Context, name: str) -> bool:
    """Tell whether a transition may be made now and asks something first."""
    life = life_of(context)
    return bool(life and name in life.transitions and life.transitions[name].ask and may(context, life, name))
