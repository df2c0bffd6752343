"""The filters of templates: `{{ request.created | date }}`."""

from collections.abc import Callable, Mapping, Sequence, Sized
from datetime import date, datetime, tzinfo
from typing import Any, TypeAlias

from engine.i18n import message
from engine.markup import head, length
from engine.problems import UnfitError
from engine.templates.shapes import Many, Moment, Number, Record, Shape, Text, join

Labels: TypeAlias = Mapping[str, Mapping[str, tuple[str, str]]]
"""Fixed lists: name of the list -> value -> (label, icon)."""

ELLIPSIS = "…"
SEPARATOR = ", "


def plural_form(number: int, one: str, few: str, many: str) -> str:
    """Return the plural form for `number`, by the CLDR's rules for Russian integers.

    https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
    """
    tail, hundred = abs(number) % 10, abs(number) % 100
    if tail == 1 and hundred != 11:
        return one
    return few if 2 <= tail <= 4 and not 12 <= hundred <= 14 else many


def counted(number: Any, one: str, few: str, many: str) -> str:
    """Return `number` with its plural form; a float takes the form `few`, anything else gives ""."""
    if isinstance(number, int):
        return f"{number} {plural_form(number, one, few, many)}"
    return f"{number} {few}" if isinstance(number, float) else ""


def shorten(text: str, limit: int) -> str:
    """Cut `text` to `limit` UTF-16 units, at the end of a word if possible, with an ellipsis."""
    if length(text) <= limit:
        return text
    cut = head(text, limit - 1)
    at_word, _, _ = cut.rpartition(" ")
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,.;:") + ELLIPSIS


def recased(text: str, case: Callable[[str], str]) -> str:
    """Return `text` in another case; a letter that would become several, like ß, is kept: lengths are checked."""
    return "".join(changed if len(changed := case(letter)) == 1 else letter for letter in text)


def filters(zone: tzinfo, labels: Labels) -> dict[str, Callable[..., Any]]:
    """Return the filters by their names; times are in `zone`, labels are those of the fixed lists."""

    def formatter(form: str) -> Callable[[date | None], str]:
        def print_moment(moment: date | None) -> str:
            local = moment.astimezone(zone) if isinstance(moment, datetime) else moment
            return local.strftime(form) if local else ""

        return print_moment

    def entry(value: Any, name: str) -> tuple[str, str]:
        return labels.get(name, {}).get(str(value), (str(value or ""), ""))

    return {
        "capitalize": lambda text: recased(str(text or "")[:1], str.upper) + str(text or "")[1:],
        "date": formatter("%d.%m.%Y"),
        "default": lambda value, other: value if value or isinstance(value, int | float) else other,
        "icon": lambda value, name: entry(value, name)[1],
        "join": lambda items, by=SEPARATOR: str(by).join("" if item is None else str(item) for item in items or ()),
        "label": lambda value, name: entry(value, name)[0],
        "length": lambda items: len(items) if isinstance(items, Sized) else 0,
        "lower": lambda text: recased(str(text or ""), str.lower),
        "moment": formatter("%d.%m %H:%M"),
        "plural": counted,
        "short": lambda text, limit: shorten(str(text or ""), limit),
        "time": formatter("%H:%M"),
        "upper": lambda text: recased(str(text or ""), str.upper),
    }


class FilterError(UnfitError):
    """A filter is used on a value, or with arguments, that it does not take; `what` says what it needs."""


class UnknownListError(FilterError):
    """A filter names a list that does not exist."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(message('unknown list "{name}"', name=name))


class MissingItemError(FilterError):
    """A value that may be printed is not in the list that words are looked up in."""

    def __init__(self, name: str, item: str, others: frozenset[str]) -> None:
        self.name, self.item, self.others = name, item, others
        super().__init__(message('the list "{list}" lacks "{item}", which may stand here', list=name, item=item))


def _moment(form: int) -> Callable[[Shape, Sequence[Any], Labels], Shape]:
    def check(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
        if not isinstance(value, Moment):
            raise FilterError(message("serves points in time only"))
        _nothing_else(args)
        return Text(form)

    return check


def _nothing_else(args: Sequence[Any]) -> None:
    if args:
        raise FilterError(message("takes nothing in parentheses"))


def _cased(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    _nothing_else(args)
    return Text(_printed(value))


_NO_VALUE = {
    Many: message("needs one value, not a list"),
    Record: message("needs one value, not a record"),
    Moment: message("needs one value, not a point in time"),
}


def _printed(value: Shape) -> int:
    if isinstance(value, Many | Record | Moment):
        raise FilterError(_NO_VALUE[type(value)])
    return value.max


def _from_list(part: int) -> Callable[[Shape, Sequence[Any], Labels], Shape]:
    def check(value: Shape, args: Sequence[Any], labels: Labels) -> Shape:
        if len(args) != 1 or not isinstance(args[0], str):
            raise FilterError(message("needs the name of a list: {lists}", lists=", ".join(sorted(labels)) or "…"))
        if args[0] not in labels:
            raise UnknownListError(args[0])
        lacking = (value.values or frozenset()) - labels[args[0]].keys() if isinstance(value, Text) else frozenset()
        if isinstance(value, Text) and value.values and lacking:
            raise MissingItemError(args[0], min(lacking), frozenset(labels[args[0]]) - value.values)
        itself = _printed(value)  # a value that is not in the list is printed as it is
        known = [length(item[part]) for item in labels[args[0]].values()]
        return Text(max([0, *known, itself if part == 0 else 0]))

    return check


def _joined(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    if not isinstance(value, Many) or isinstance(value.item, Many | Record | Moment):
        raise FilterError(message("needs a list of texts"))
    if len(args) > 1:
        raise FilterError(message("takes one thing in parentheses: what stands between the texts"))
    separator = str(args[0]) if args else SEPARATOR
    return Text(value.max * (value.item.max + length(separator)))


def _counted(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    if not isinstance(value, Many | Text):
        raise FilterError(message("needs a list or a text"))
    _nothing_else(args)
    return Number(len(str(value.max)))


def _plural(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    if not isinstance(value, Number) or len(args) != 3:
        raise FilterError(message("needs a number and three words: {{{{ n | plural('заявка', 'заявки', 'заявок') }}}}"))
    return Text(value.max + 1 + max(length(str(word)) for word in args))


def _short(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    if len(args) != 1 or type(args[0]) is not int or args[0] < 1:
        raise FilterError(message("needs a number of characters: {{{{ text | short(40) }}}}"))
    return Text(min(args[0], _printed(value)))


def _default(value: Shape, args: Sequence[Any], _labels: Labels) -> Shape:
    if len(args) != 1:
        raise FilterError(message("needs the words to say instead"))
    _printed(value)
    return join(value, Text(length(str(args[0]))))


SHAPES: dict[str, Callable[[Shape, Sequence[Any], Labels], Shape]] = {
    "capitalize": _cased,
    "date": _moment(10),
    "default": _default,
    "icon": _from_list(1),
    "join": _joined,
    "label": _from_list(0),
    "length": _counted,
    "lower": _cased,
    "moment": _moment(11),
    "plural": _plural,
    "short": _short,
    "time": _moment(5),
    "upper": _cased,
}
"""The shape of each filter's result, by the shape of its value and its arguments; raises FilterError."""
