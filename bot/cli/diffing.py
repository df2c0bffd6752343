"""What `zavhoz diff` prints: the changes, and the conversations and requests that they concern."""

from collections.abc import Iterable, Iterator

from bot.flow_versions.compatibility import Compatibility, GoneStatus, GoneStep
from engine.i18n import Language, Message, counted, message
from engine.introspection.changes import Change


def changed(changes: Iterable[Change], language: Language) -> list[str]:
    """Return the changes, one a line."""
    lines = [f"  {change.written.render(language)}" for change in changes]
    head = message("What changes:") if lines else message("Nothing changes.")
    return [head.render(language), *lines]


def compatibility(found: Compatibility, language: Language) -> list[str]:
    """Return what the new flows do not have of what the database holds, and what becomes of it."""
    concerned = [*map(_step, found.steps), *_transitions(found), *map(_status, found.statuses)]
    if not concerned:
        return [message("Nobody stands where the new flows have nothing.").render(language)]
    head = message("Who stands where the new flows have nothing:")
    verdict = message("Somebody would be stranded.") if found.breaks else message("Nobody would be stranded.")
    lines = [f"  {each.render(language)}" for each in concerned]
    return [head.render(language), *lines, verdict.render(language)]


def _step(gone: GoneStep) -> Message:
    conversations = _conversations(gone.conversations)
    if gone.target:
        return message(
            "{conversations} in the step {step}: moved to {target}",
            conversations=conversations,
            step=gone.name,
            target=gone.target,
        )
    flow, _, name = gone.name.partition(".")
    return message(
        "{conversations} in the step {step}: closed, brought to the menu with the draft kept; "
        'or say in the flow {flow}: "moved: {{{name}: …}}"',
        conversations=conversations,
        step=gone.name,
        flow=flow,
        name=name,
    )


def _transitions(found: Compatibility) -> Iterator[Message]:
    for gone in found.transitions:
        yield message(
            "{conversations} asked before {transition}: led back to the card",
            conversations=_conversations(gone.conversations),
            transition=gone.name,
        )


def _status(gone: GoneStatus) -> Message:
    if gone.target:
        return message(
            "{subjects} in the status {status}: {target} from now on",
            subjects=gone.counted,
            status=gone.name,
            target=gone.target,
        )
    hint = (
        message('say under its status: "moved: {{{name}: …}}"', name=gone.name)
        if gone.lifecycle
        else message("put its flow back")
    )
    return message(
        "{subjects} in the status {status}: the flows are refused; {hint}",
        subjects=gone.counted,
        status=gone.name,
        hint=hint,
    )


def _conversations(number: int) -> Message:
    return counted("{number} conversation", "{number} conversations", number)
