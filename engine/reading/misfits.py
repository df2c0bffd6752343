"""What is said of a value that does not fit the schema, or the constants of a hook: in our words, not in pydantic's."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic_core import ErrorDetails

from engine.i18n import Message, joined_by_or, message
from engine.problems import UnfitError

Said: TypeAlias = tuple[Message, Message | None]
"""What is wrong and what to try."""

_WORDS = message("expected words or a name"), message("put it in quotes")
_WHOLE = message("expected a whole number"), None
_NUMBER = message("expected a number"), None
_TRUTH = message("expected true or false"), None
_BLOCK = message("expected keys with values"), message('write "key: value" lines, indented')
_LIST = message("expected a list"), message('begin each line with "- "')
_EXPECTED: Mapping[str, Said] = {
    "string_type": _WORDS,
    "string_sub_type": _WORDS,
    "string_unicode": _WORDS,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "dict_type": _BLOCK,
    "model_type": _BLOCK,
    "list_type": _LIST,
}
_KINDS: Mapping[type, Message] = {dict: message("a block"), list: message("a list"), type(None): message("nothing")}


def misfit(detail: ErrorDetails) -> Said:
    """Return what is wrong with a value and what to try, for any error of pydantic's."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if (expected := _expected(kind, context)) is not None:
        what, hint = expected
        return message("{expected}, got {found}", expected=what, found=_KINDS.get(type(value), repr(value))), hint
    if kind == "missing":
        return message('"{key}" is missing here', key=detail["loc"][-1]), None
    if kind in {"literal_error", "enum"}:
        return _unserving(value), message("expected {values}", values=_listed(context["expected"]))
    error = context.get("error")
    if isinstance(error, UnfitError):
        return error.what, None
    return _of_words(kind, value, context) or (_unserving(value), message("look into the reference"))


def _expected(kind: str, context: Mapping[str, Any]) -> Said | None:
    """Return what is expected instead of a value of another type or out of its bounds; None for any other mistake."""
    if kind == "greater_than_equal":
        return message("expected {bound} or more", bound=context["ge"]), None
    if kind == "less_than_equal":
        return message("expected {bound} or less", bound=context["le"]), None
    if kind == "greater_than":
        return message("expected more than {bound}", bound=context["gt"]), None
    if kind == "less_than":
        return message("expected less than {bound}", bound=context["lt"]), None
    return _EXPECTED.get(kind)


def _of_words(kind: str, value: object, context: Mapping[str, Any]) -> Said | None:
    """Return what is said of words that are too short, too long or no name; None for any other mistake."""
    if kind == "string_pattern_mismatch":
        what = message("{value} is no name", value=repr(value))
        return what, message("names are lower-case Latin letters, digits and _")
    if kind == "string_too_short" and not value:
        return message("these words are empty"), message("say something")
    if kind == "string_too_short":
        limit = context["min_length"]
        return message("these words are shorter than {limit} characters", limit=limit), message("say more")
    if kind == "too_short":
        return message("this list is empty"), message("write an item")
    if kind == "string_too_long":
        limit = context["max_length"]
        return message("these words are longer than {limit} characters", limit=limit), message("shorten them")
    return None


def _unserving(value: object) -> Message:
    return message("{value} does not serve here", value=_KINDS.get(type(value), repr(value)))


def _listed(values: str) -> object:
    """Return pydantic's list of values, 'a', 'b' or 'c', with an "or" that can be put into another language."""
    *most, last = re.findall(r"'[^']*'|\d+", values)
    return joined_by_or([", ".join(most), last] if most else [last])
