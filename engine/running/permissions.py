"""Permissions: who may see a subject, and which status transitions a person may make now."""

from collections.abc import Iterable

from engine.compiled import CompiledTransition, Lifecycle, Pointer
from engine.running.context import Context
from engine.running.machines import first_open


def lifecycle_of(context: Context) -> Lifecycle | None:
    """Return the lifecycle of the current subject, None where it has none."""
    return context.flows.lifecycles.get(context.subject_ref.kind) if context.subject_ref else None


def state_of(context: Context, lifecycle: Lifecycle) -> str:
    """Return the status of the current subject, or its replacement where it was removed from the flow."""
    return lifecycle.current_status(context.subject.state)


def visible(context: Context) -> bool:
    """Return whether the person may see the current subject; a step without one is visible."""
    if context.subject_ref is None:
        step = context.flows.steps.get(context.frame.step)
        return step is None or step.about is None
    lifecycle = lifecycle_of(context)
    return context.subject is not None and (lifecycle is None or any(guard(context) for guard in lifecycle.may_see))


def allowed(context: Context, names: Iterable[str]) -> list[CompiledTransition]:
    """Return those of the named transitions that the person may make now, in the order of the flow."""
    lifecycle = lifecycle_of(context)
    if lifecycle is None or context.subject is None:
        return []
    wanted = set(names)
    every = "all" in wanted
    return [
        each
        for name, each in lifecycle.transitions.items()
        if (every or name in wanted) and may(context, lifecycle, name)
    ]


def may(context: Context, lifecycle: Lifecycle, name: str) -> bool:
    """Return whether the person may make a transition from the status the subject is in; its guards are asked once."""

    def ask() -> bool:
        return first_open(lifecycle.machine, name, Pointer(state_of(context, lifecycle)), context) is not None

    return context.allows(name, ask)


def asks(context: Context, name: str) -> bool:
    """Return whether a transition may be made now and has questions to ask first."""
    lifecycle = lifecycle_of(context)
    return bool(
        lifecycle
        and name in lifecycle.transitions
        and lifecycle.transitions[name].ask
        and may(context, lifecycle, name)
    )
