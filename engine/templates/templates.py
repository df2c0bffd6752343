"""Templates of words: one sandbox for all, each template compiled once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import jinja2
from jinja2 import ChainableUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.templates.filters import Labels, filters


class TemplateError(ValueError):
    """The template cannot be read; `line` counts from 1 inside the template."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Nothing(ChainableUndefined):
    """A value that is not there: it prints nothing, holds nothing, its parts are nothing, it is less or more than none.

    The check knows every name that words use; whether it has a value at a given moment only that moment can tell.
    """

    def _no(self, _other: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment] # jinja2 types them as never returning


_TAG = r"\{%(?:[^%]|%(?!\}))*%\}|\{#(?:[^#]|#(?!\}))*#\}"
_LINE_OF_TAGS = re.compile(rf"^[ \t]*((?:(?:{_TAG})[ \t]*)*)((?:{_TAG}))[ \t]*\n", re.MULTILINE)


def _without_lines_of_tags(source: str) -> str:
    """Take lines away that hold nothing but tags; a line with anything else keeps its end, whatever it ends in.

    Jinja's `trim_blocks` takes the end of every line whose last piece is a tag. The break goes into the tag instead,
    where it means nothing, so that the lines of mistakes are counted as they were written.
    """
    return _LINE_OF_TAGS.sub(lambda line: _with_break_inside(line[1] + line[2]), source)


def _with_break_inside(tags: str) -> str:
    return re.sub(r"([-+]?[%#]\})\Z", r"\n\1", re.sub(r"(?<=\})[ \t]+(?=\{)", "", tags))


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox in which a part of nothing is nothing: what was not said yet has no label either."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._safe: dict[tuple[type, str], bool] = {}

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Return the source as it is read, see `_without_lines_of_tags`."""
        return _without_lines_of_tags(super().preprocess(source, name, filename))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Tell what the sandbox's rules say; they look at the type of an object alone, so each is asked once."""
        if isinstance(obj, type):
            return super().is_safe_attribute(obj, attr, value)
        key = (type(obj), attr)
        safe = self._safe.get(key)
        if safe is None:
            safe = self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return safe

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute or an item, by the sandbox's rules."""
        value = super().getattr(obj, attribute)
        return Nothing(obj=obj, name=attribute) if value is None else value


@dataclass(frozen=True, slots=True)
class Template:
    """One compiled template and the names of the values it uses; words that use none are `fixed` from the start."""

    template: jinja2.Template
    uses: frozenset[str]
    fixed: str | None = None

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the words with `values` in their places, escaped as HTML; what is None prints nothing."""
        if self.fixed is not None:
            return self.fixed
        return self.template.render({name: value for name, value in values.items() if value is not None}).strip()


class Templates:
    """Compiles words; the same words are compiled once. `complete` says that all lists there are stand in `labels`."""

    def __init__(self, zone: tzinfo, labels: Labels, *, complete: bool = True) -> None:
        self.labels = labels
        self.complete = complete
        self._environment = _Sandbox(
            autoescape=True,
            undefined=Nothing,
            finalize=lambda value: "" if value is None else value,
        )
        self._environment.globals.clear()
        self._environment.filters = filters(zone, labels)
        self._compiled: dict[str, Template] = {}

    def parse(self, source: str) -> nodes.Template:
        """Return the syntax tree of `source`; raises WordsError."""
        try:
            return self._environment.parse(source)
        except TemplateSyntaxError as error:
            raise TemplateError(error.message or "this is no template", error.lineno) from None

    def compile(self, source: str) -> Template:
        """Return `source` compiled; raises WordsError."""
        words = self._compiled.get(source)
        if words is None:
            uses = frozenset(meta.find_undeclared_variables(self.parse(source)))
            words = Template(self._environment.from_string(source), uses)
            if not uses:
                words = replace(words, fixed=words.render({}))
            self._compiled[source] = words
        return words
