"""Jinja templates: one sandboxed environment, each template compiled once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import jinja2
from jinja2 import ChainableUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.i18n import Message, message
from engine.templates.filters import Labels, filters
from engine.templates.syntax import DEPTH, find_fault, many_brackets, too_deep, too_deep_message

LONGEST = 16_000
"""The greatest length of a template; what it prints has limits of its own."""


class TemplateError(ValueError):
    """The template cannot be parsed: what is wrong, what to try; line and column count from 1."""

    def __init__(self, what: Message, hint: Message | None, line: int, column: int) -> None:
        super().__init__(str(what))
        self.what = what
        self.hint = hint
        self.line = line
        self.column = column


class SilentUndefined(ChainableUndefined):
    """The undefined value: prints nothing, is empty, has undefined attributes, and every comparison by order is false.

    Names are checked when flows are loaded, so an undefined value is a variable that is not set, not a misspelt name.
    """

    def _no(self, _other: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment] # jinja2 types them as never returning


_TAG = r"\{%(?:[^%]|%(?!\}))*%\}|\{#(?:[^#]|#(?!\}))*#\}"
_LINE_OF_TAGS = re.compile(rf"^[ \t]*((?:(?:{_TAG})[ \t]*)*)((?:{_TAG}))[ \t]*\n", re.MULTILINE)


def _without_lines_of_tags(source: str) -> str:
    """Remove lines that have nothing but tags; a line with anything else keeps its line break, whatever it ends in.

    Jinja's `trim_blocks` removes the break of every line that ends in a tag. The break is moved into the tag, where it
    has no effect, so that the line numbers of mistakes stay right.
    """
    return _LINE_OF_TAGS.sub(lambda line: _with_break_inside(line[1] + line[2]), source)


def _with_break_inside(tags: str) -> str:
    return re.sub(r"([-+]?[%#]\})\Z", r"\n\1", re.sub(r"(?<=\})[ \t]+(?=\{)", "", tags))


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox in which None is undefined, so that attributes of a variable which is not set are undefined as well."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._safe: dict[tuple[type, str], bool] = {}

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Return the source for the lexer, see `_without_lines_of_tags`."""
        return _without_lines_of_tags(super().preprocess(source, name, filename))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether the attribute is safe; cached, as that depends only on the type of the object."""
        if isinstance(obj, type):
            return super().is_safe_attribute(obj, attr, value)
        key = (type(obj), attr)
        safe = self._safe.get(key)
        if safe is None:
            safe = self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return safe

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute or an item, undefined where it is None."""
        value = super().getattr(obj, attribute)
        return SilentUndefined(obj=obj, name=attribute) if value is None else value


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template and the names that it uses; one that uses none is rendered once, as `fixed`."""

    template: jinja2.Template
    uses: frozenset[str]
    fixed: str | None = None

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text with `values`, escaped for HTML; None prints nothing."""
        if self.fixed is not None:
            return self.fixed
        return self.template.render({name: value for name, value in values.items() if value is not None}).strip()


class Templates:
    """Compiles templates, each source once. `complete` says that `labels` has all lists of the flows."""

    def __init__(self, zone: tzinfo, labels: Labels, *, complete: bool = True) -> None:
        self.labels = labels
        self.complete = complete
        self._environment = _Sandbox(
            autoescape=True,
            undefined=SilentUndefined,
            finalize=lambda value: "" if value is None else value,
        )
        self._environment.globals.clear()
        self._environment.filters = filters(zone, labels)
        self._compiled: dict[str, Template] = {}
        self._trees: dict[str, nodes.Template] = {}

    def parse(self, source: str) -> nodes.Template:
        """Return the syntax tree of `source`, kept for the next check of it; raises TemplateError."""
        tree = self._trees.get(source)
        if tree is None:
            tree = self._trees[source] = self._parsed(source)
        return tree

    def _parsed(self, source: str) -> nodes.Template:
        if len(source) > LONGEST:
            # Jinja takes time by the square of the length where braces are not closed.
            what = message("these words are longer than {limit} characters, with what their braces hold", limit=LONGEST)
            raise TemplateError(what, message("shorten them: a message holds 4096"), 1, 1)
        if (index := many_brackets(source)) is not None:
            raise TemplateError(*too_deep_message(), *_line_and_column(source, index))
        try:
            tree = self._environment.parse(source)
        except (TemplateSyntaxError, RecursionError, ValueError, OverflowError):
            fault = find_fault(source, self._environment.parse)
            raise TemplateError(fault.what, fault.hint, *_line_and_column(source, fault.index)) from None
        # Each level takes a character at least.
        if len(source) > DEPTH and (line_too_deep := too_deep(tree)) is not None:
            raise TemplateError(*too_deep_message(), line_too_deep, 1)
        return tree

    def compile(self, source: str) -> Template:
        """Return `source` compiled; raises TemplateError."""
        template = self._compiled.get(source)
        if template is None:
            uses = frozenset(meta.find_undeclared_variables(self._parsed(source)))
            template = Template(self._environment.from_string(source), uses)
            if not uses:
                template = replace(template, fixed=template.render({}))
            self._compiled[source] = template
        return template


def _line_and_column(source: str, index: int) -> tuple[int, int]:
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)
