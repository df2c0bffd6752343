"""Roles, and the relations of people to a request."""

from collections.abc import Callable, Iterable

from bot.handlers.work import Work
from bot.helpdesk.hooks.request_port import RequestSubject
from bot.helpdesk.hooks.views import PersonView
from engine.hooks.context import HookContext
from engine.hooks.registry import Hooks
from storage.models.constants import Role
from storage.records import users
from storage.records.requests import KIND
from storage.records.users import Person

INCLUDED = {
    "staff": frozenset(Role),
    "crew": frozenset({Role.CREW, Role.MANAGER}),
    "manager": frozenset({Role.MANAGER}),
    "viewer": frozenset({Role.VIEWER}),
    "insider": frozenset({Role.CREW, Role.MANAGER, Role.VIEWER}),
}
"""Whom each role of the flows takes in: a manager may all that the crew may, everybody may what staff may."""


def show_person(person: Person) -> PersonView:
    """Return what words can print of a person; someone without a name is called a colleague."""
    name = person.full_name.strip() or "коллега"
    return PersonView(name=name, first_name=name.split()[0], role=person.role)


def register(hooks: Hooks) -> None:
    """Register roles and relations."""
    for name, roles in INCLUDED.items():
        hooks.audience(name, _has_role(roles), _members_of(roles), kinds=roles)
    hooks.audience("author", _is_author, _author, about=KIND, kinds=INCLUDED["staff"])
    hooks.audience("assignee", _is_assignee, _assignee, about=KIND, kinds=INCLUDED["crew"])
    hooks.audience("former_assignee", _is_nobody, _former_assignee, about=KIND, kinds=())
    hooks.audience("participant", _takes_part, about=KIND, kinds=INCLUDED["staff"], holds=("author", "crew"))


def _is_author(context: HookContext[Work], subject: RequestSubject) -> bool:
    return subject.row.author_id == context.person.id


def _author(context: HookContext[Work], subject: RequestSubject) -> Iterable[Person]:
    return _reachable(context, subject.row.author_id)


def _is_assignee(context: HookContext[Work], subject: RequestSubject) -> bool:
    return subject.row.assignee_id == context.person.id


def _assignee(context: HookContext[Work], subject: RequestSubject) -> Iterable[Person]:
    return _reachable(context, subject.row.assignee_id)


def _is_nobody(_context: HookContext[Work]) -> bool:
    return False


def _former_assignee(
    context: HookContext[Work], subject: RequestSubject, before: RequestSubject | None
) -> Iterable[Person]:
    """Return whom a status transition took the request from."""
    lost = before.row.assignee_id if before else None
    return _reachable(context, lost if lost != subject.row.assignee_id else None)


def _takes_part(context: HookContext[Work], subject: RequestSubject) -> bool:
    """Return whether the person has a say in the request: its author, and those who do the work."""
    return context.person.role in INCLUDED["crew"] or _is_author(context, subject)


def _has_role(roles: Iterable[str]) -> Callable[[HookContext[Work]], bool]:
    return lambda context: context.person.role in roles


def _members_of(roles: Iterable[str]) -> Callable[[HookContext[Work]], Iterable[Person]]:
    return lambda context: users.by_roles(context.transaction.tx, list(roles))


def _reachable(context: HookContext[Work], person_id: int | None) -> list[Person]:
    person = users.get(context.transaction.tx, person_id) if person_id is not None else None
    return [person] if person and not person.is_blocked else []
