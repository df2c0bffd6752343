"""What `zavhoz diff` prints: the changes, and the conversations and requests that they concern."""

from collections.abc import Iterable, Iterator

from bot.flow_versions.compatibility import Compatibility, GoneStatus, GoneStep
from engine.introspection.changes import Change


def changed(changes: Iterable[Change]) -> list[str]:
    """Return the changes, one a line."""
    lines = [f"  {change}" for change in changes]
    return ["What changes:", *lines] if lines else ["Nothing changes."]


def compatibility(found: Compatibility) -> list[str]:
    """Return what the new flows do not have of what the database holds, and what becomes of it."""
    lines = [*map(_step, found.steps), *_transitions(found), *map(_status, found.statuses)]
    if not lines:
        return ["Nobody stands where the new flows have nothing."]
    verdict = "Somebody would be stranded." if found.breaks else "Nobody would be stranded."
    return ["Who stands where the new flows have nothing:", *(f"  {line}" for line in lines), verdict]


def _step(gone: GoneStep) -> str:
    what = f"{_conversations(gone.conversations)} in the step {gone.name}"
    if gone.target:
        return f"{what}: moved to {gone.target}"
    flow, _, name = gone.name.partition(".")
    return f'{what}: closed, brought to the menu with the draft kept; or say in the flow {flow}: "moved: {{{name}: …}}"'


def _transitions(found: Compatibility) -> Iterator[str]:
    for gone in found.transitions:
        yield f"{_conversations(gone.conversations)} asked before {gone.name}: led back to the card"


def _status(gone: GoneStatus) -> str:
    what = f"{gone.counted} in the status {gone.name}"
    if gone.target:
        return f"{what}: {gone.target} from now on"
    hint = f'say under its status: "moved: {{{gone.name}: …}}"' if gone.lifecycle else "put its flow back"
    return f"{what}: the flows are refused; {hint}"


def _conversations(number: int) -> str:
    return f"{number} conversation{'' if number == 1 else 's'}"
