"""Checks of who may see a subject: whoever has a button on it sees it."""

from collections.abc import Iterator, Sequence

from engine.check.conjunctions import is_never
from engine.check.people import People
from engine.hooks.registry import Hooks
from engine.i18n import message
from engine.language.base import Call
from engine.language.file import FlowFile
from engine.language.status import TIMER, Status
from engine.reading.catalog import Catalog, KeyPath, full_name, outcome_branches


def check_visibility(catalog: Catalog, hooks: Hooks) -> None:
    """Report those who may make a status transition and can never see its button.

    Where that is so in one place, and nobody else is shut out, the mistake is there, else it is under `may_see`.
    """
    people = People(hooks.audiences)
    for file, status in catalog.statuses():
        sees = [each.name for each in file.may_see]
        if not sees or any(name not in hooks.audiences or people.is_nobody(name) for name in sees):
            continue
        blind = [*_makers(people, file, status, sees)]
        others = {name for name in _led(catalog, hooks, file) if not people.covered(name, sees)}
        if len(blind) == 1 and not others:
            name, path = blind[0]
            what = message('"{name}" may not see a {kind}, and so never has this button', name=name, kind=file.subject)
            catalog.report(path, what, message('add it to "may_see", or name others'))
        elif blind:
            names = sorted({name for name, _ in blind})
            what = message("who has buttons may not see a {kind}: {names}", kind=file.subject, names=", ".join(names))
            catalog.report(KeyPath(file.flow, ("may_see",)), what, message("add them"))


def _makers(people: People, file: FlowFile, status: Status, sees: Sequence[str]) -> Iterator[tuple[str, KeyPath]]:
    """Yield who may make a transition and does not belong to those who see the subject: (name, path)."""
    for number, transition in enumerate(status.transitions):
        # Whoever has to be somebody who sees it besides, is.
        if any(_is_seen(people, each, sees) for each in transition.when):
            continue
        for index, role in enumerate(transition.by):
            if role.name != TIMER and not is_never(role, people) and not people.covered(role.name, sees):
                yield role.name, KeyPath(file.flow, ("status", "transitions", number, "by", index))


def _is_seen(people: People, guard: Call, sees: Sequence[str]) -> bool:
    return not guard.negated and guard.name in people.audiences and people.covered(guard.name, sees)


def _led(catalog: Catalog, hooks: Hooks, file: FlowFile) -> Iterator[str]:
    """Yield the roles that are led to the subject's card by ways that are open to them alone."""
    card = f"{file.flow}.{file.card}"
    for at in catalog.branches():
        for _, branch, path in outcome_branches(at):
            if branch.go and full_name(path.flow, branch.go) == card:
                yield from (each.name for each in branch.when if not each.negated and each.name in hooks.audiences)
