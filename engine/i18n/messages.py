"""A message with its values, put into words only where its reader, and so its language, is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self

from engine.i18n.languages import Language, translations


@dataclass(frozen=True, slots=True)
class Message:
    """An English pattern with its values; `many` is the pattern for all numbers but one, chosen by `number`.

    Values that are messages themselves are put into the same language.
    """

    pattern: str
    values: tuple[tuple[str, object], ...] = ()
    many: str | None = None
    number: int = 1

    def __str__(self) -> str:
        return self.render("en")

    def __lt__(self, other: "Message") -> bool:
        return str(self) < str(other)

    def render(self, language: Language) -> str:
        """Return the words in `language`."""
        catalogue = translations(language)
        pattern = (
            catalogue.gettext(self.pattern)
            if self.many is None
            else catalogue.ngettext(self.pattern, self.many, self.number)
        )
        values = {key: each.render(language) if isinstance(each, Message) else each for key, each in self.values}
        return pattern.format_map(values)

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON data, for another process; values that are no messages become text."""
        values = [[key, each.to_data() if isinstance(each, Message) else str(each)] for key, each in self.values]
        return {"pattern": self.pattern, "values": values, "many": self.many, "number": self.number}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return the message that `to_data` was given of."""
        values = tuple((key, cls.from_data(each) if isinstance(each, dict) else each) for key, each in data["values"])
        return cls(data["pattern"], values, data["many"], data["number"])


def message(pattern: str, /, **values: object) -> Message:
    """Return a message; `pattern` is a literal, so that the test of the catalogue finds it. Values are hashable."""
    return Message(pattern, tuple(values.items()))


def counted(one: str, many: str, number: int, /, **values: object) -> Message:
    """Return a message about `number` things, which the patterns call {number}; both patterns are literals."""
    return Message(one, (("number", number), *values.items()), many, number)


def joined_by_or(items: Iterable[object]) -> object:
    """Return "a or b or c"; a lone item as it is. Of no items, TypeError."""
    return reduce(lambda before, item: message("{before} or {item}", before=before, item=item), items)


def joined_by_and(items: Iterable[object]) -> object:
    """Return "a and b and c"; a lone item as it is. Of no items, TypeError."""
    return reduce(lambda before, item: message("{before} and {item}", before=before, item=item), items)
