"""Owners: the people whom the settings name as managers (`ADMIN_IDS`)."""

from dataclasses import dataclass

from storage.models.constants import Role
from storage.records.users import Person


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners by Telegram's ids."""

    ids: frozenset[int]

    def role_of(self, person: Person) -> str:
        """Return the role that a person has from now on: an owner's is manager, anybody else's stays as it is."""
        return Role.MANAGER.value if person.telegram_id in self.ids else person.role
