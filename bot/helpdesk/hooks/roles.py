"""Roles, and the relations of people to a request."""

from collections.abc import Callable, Iterable

from bot.helpdesk.hooks.views import PersonView
from engine.hooks import Hooks
from engine.running.context import Context
from storage.models.constants import Role
from storage.records import users
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
        hooks.audience(name, _has_role(roles), _members_of(roles))
    hooks.audience("author", _is("author_id"), _person("author_id"), needs_subject=True)
    hooks.audience("assignee", _is("assignee_id"), _person("assignee_id"), needs_subject=True)
    hooks.audience("former_assignee", lambda _: False, _former_assignee, needs_subject=True)
    hooks.audience("participant", _takes_part, needs_subject=True)


def _former_assignee(context: Context) -> Iterable[Person]:
    """Return whom a status transition took the request from."""
    before, now = (each.row.assignee_id if each else None for each in (context.before, context.subject))
    person = users.get(context.transaction.tx, before) if before is not None and before != now else None
    return [person] if person and not person.is_blocked else []


def _takes_part(context: Context) -> bool:
    """Tell whether the person has a say in the request: its author, and those who do the work."""
    return context.person.role in INCLUDED["crew"] or _is("author_id")(context)


def _has_role(roles: Iterable[str]) -> Callable[[Context], bool]:
    return lambda context: context.person.role in roles


def _members_of(roles: Iterable[str]) -> Callable[[Context], Iterable[Person]]:
    return lambda context: users.by_roles(context.transaction.tx, list(roles))


def _is(field: str) -> Callable[[Context], bool]:
    return lambda context: context.subject is not None and getattr(context.subject.row, field) == context.person.id


def _person(field: str) -> Callable[[Context], Iterable[Person]]:
    def members(context: Context) -> Iterable[Person]:
        person_id = getattr(context.subject.row, field)
        person = users.get(context.transaction.tx, person_id) if person_id is not None else None
        return [person] if person and not person.is_blocked else []

    return members
