"""What hooks say of roles and relations: who belongs to whom, and who is nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.hooks.declarations import Audience


@dataclass(frozen=True, slots=True)
class People:
    """The roles and relations by name; of those that declare nothing, nothing is concluded."""

    audiences: Mapping[str, Audience]

    def is_nobody(self, name: str) -> bool:
        """Return whether nobody belongs to it while a guard is asked."""
        audience = self.audiences.get(name)
        return audience is not None and audience.kinds == frozenset()

    def is_everybody(self, name: str) -> bool:
        """Return whether a role takes in every kind of people that there is."""
        kinds = self._role(name)
        return bool(kinds) and kinds == frozenset().union(*(each.kinds or () for each in self.audiences.values()))

    def within(self, inner: str, outer: str) -> bool:
        """Return whether everybody of `inner` belongs to `outer` too."""
        kinds, held = self._role(inner), self._held(outer)
        return inner in held or (kinds is not None and any(kinds <= (self._role(each) or set()) for each in held))

    def apart(self, first: str, second: str) -> bool:
        """Return whether nobody belongs to both of two roles; of a relation that is never said."""
        one, other = self._role(first), self._role(second)
        return one is not None and other is not None and not one & other

    def covered(self, name: str, others: Iterable[str]) -> bool:
        """Return whether everybody of a role or a relation belongs to one of `others`, or may as far as is known."""
        audience, others = self.audiences.get(name), [*others]
        if audience is None or audience.kinds is None or any(self.within(name, each) for each in others):
            return True
        unknown = any(each not in self.audiences or self.audiences[each].kinds is None for each in others)
        held = {role for each in others for role in self._held(each)}
        return unknown or audience.kinds <= frozenset().union(*(self._role(each) or () for each in held))

    def _role(self, name: str) -> frozenset[str] | None:
        audience = self.audiences.get(name)
        return audience.kinds if audience and audience.about is None else None

    def _held(self, name: str) -> set[str]:
        """Return an audience and all those that it holds, these by what they hold."""
        found, todo = set[str](), [name]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += self.audiences[each].holds if each in self.audiences else ()
        return found
