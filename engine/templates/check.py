"""Static check of templates: their names, their markup, their greatest length."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from jinja2 import nodes

from engine.i18n import Message, message
from engine.letters import is_blank
from engine.markup import TAGS, MarkupError, length, parse
from engine.problems import did_you_mean, nearest
from engine.templates.filters import SHAPES, FilterError, MissingItemError, UnknownListError
from engine.templates.shapes import Flag, Many, Moment, Number, Record, Shape, Text, Unknown, join
from engine.templates.templates import TemplateError, Templates

PLACEHOLDER = "\ue000"
"""The placeholder for a value in markup that is checked before the value is known."""

_SINGLE_BRACES = re.compile(r"(?<!\{)\{ *(([a-z_][a-z0-9_]*)[^{}\n]*?) *\}(?!\})")
_TAG = re.compile(r"</?([A-Za-z]+)[^<>]*>")

_LOOP = Record("loop", {"index": Number(3), "first": Flag(), "last": Flag(), "length": Number(3)})
_EQUAL = {"eq", "ne"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in a template: what is wrong, a hint, the line in the template, and the column or the text to point at.

    The column counts from 1; where it is 0, the text is searched for. A variable that nothing fills is `unfilled`,
    unless it is a misspelt one.
    """

    what: Message
    hint: Message | None = None
    line: int = 1
    needle: str = ""
    column: int = 0
    unfilled: bool = False


@dataclass(slots=True)
class CheckResult:
    """The result of a check: `longest` is the greatest length, in UTF-16 units, after the entities are parsed.

    Of `blank` words people see nothing, whatever the values are.
    """

    longest: int = 0
    blank: bool = False
    faults: list[Fault] = field(default_factory=list)


def check_template(templates: Templates, source: str, scope: Mapping[str, Shape], *, html: bool) -> CheckResult:
    """Check `source` against the values in its scope; without `html`, tags are plain characters."""
    checked = CheckResult()
    try:
        tree = templates.parse(source)
    except TemplateError as error:
        checked.faults.append(Fault(error.what, error.hint, error.line, column=error.column))
        return checked
    checked.longest = _Checker(templates, checked.faults, html=html).block(tree.body, scope)
    checked.blank = not checked.faults and tree.find(nodes.Name) is None and _is_blank(templates, source, html=html)
    return checked


def _is_blank(templates: Templates, source: str, *, html: bool) -> bool:
    words = (templates.compile(source).fixed or "") if "{" in source else source
    return is_blank(parse(words).text if html else words)


class _Checker:
    def __init__(self, templates: Templates, faults: list[Fault], *, html: bool) -> None:
        self.labels = templates.labels
        self.complete = templates.complete
        self.faults = faults
        self.html = html

    def fault(self, node: nodes.Node, what: Message, hint: Message | None = None, needle: str = "") -> None:
        self.faults.append(Fault(what, hint, node.lineno, needle))

    def block(self, body: Sequence[nodes.Node], scope: Mapping[str, Shape]) -> int:
        """Return the greatest length of a sequence of nodes, whose tags must be balanced by themselves."""
        pieces: list[tuple[str, int]] = []
        total = 0
        for node in body:
            for part in node.nodes if isinstance(node, nodes.Output) else [node]:
                if isinstance(part, nodes.TemplateData):
                    self.plain_words(part, scope)
                    pieces.append((part.data, part.lineno))
                else:
                    pieces.append((PLACEHOLDER, part.lineno))
                    total += self.part(part, scope)
        return total + self.markup(pieces)

    def plain_words(self, node: nodes.TemplateData, scope: Mapping[str, Shape]) -> None:
        """Report what was meant to be more than words: a value in single braces, a tag where people see it as it is."""
        for found in _SINGLE_BRACES.finditer(node.data):
            if found[2] in scope:
                what = message('"{words}" is printed as it is', words=found[0])
                self.fault_in(
                    node, found, what, message("write a value in double braces: {{{{ {name} }}}}", name=found[1])
                )
        tag = None if self.html else _TAG.search(node.data)
        if tag and tag[1].lower() in TAGS:
            what = message('"{words}" is printed as it is: these words are plain', words=tag[0])
            self.fault_in(node, tag, what, message("take the tags out"))

    def fault_in(self, node: nodes.TemplateData, found: re.Match[str], what: Message, hint: Message) -> None:
        line = node.lineno + node.data[: found.start()].count("\n")
        self.faults.append(Fault(what, hint, line, found[0]))

    def markup(self, pieces: Sequence[tuple[str, int]]) -> int:
        """Return the length of the plain text in pieces of markup: (text, number of its first line)."""
        fragment = "".join(text for text, _ in pieces)
        if not self.html:
            return length(fragment.replace(PLACEHOLDER, ""))
        try:
            return length(parse(fragment).text.replace(PLACEHOLDER, ""))
        except MarkupError as error:
            needle = fragment[error.position :].partition("\n")[0].partition(PLACEHOLDER)[0]
            line = _line_of(pieces, error.position)
            what = message("Telegram refuses this HTML: {reason}", reason=error.what)
            self.faults.append(Fault(what, error.hint, line, needle))
            return 0

    def part(self, node: nodes.Node, scope: Mapping[str, Shape]) -> int:
        if isinstance(node, nodes.If):
            self.infer(node.test, scope)
            branches = [node.body, *(branch.body for branch in node.elif_), node.else_]
            for branch in node.elif_:
                self.infer(branch.test, scope)
            return max(self.block(branch, scope) for branch in branches)
        if isinstance(node, nodes.For):
            return self.loop(node, scope)
        if isinstance(node, nodes.Expr):
            return self.printed(node, scope)
        keyword = _keyword(node)
        self.fault(
            node,
            message('"{keyword}" is not part of the words\' language', keyword=keyword),
            message("if and for serve"),
            keyword,
        )
        return 0

    def loop(self, node: nodes.For, scope: Mapping[str, Shape]) -> int:
        many = self.infer(node.iter, scope)
        simple = isinstance(node.target, nodes.Name) and not node.recursive and node.test is None
        if not simple or not isinstance(many, Many | None):
            self.fault(node, message("a loop goes over one list: {{% for item in items %}}"), needle="for")
            return 0
        times, item = (many.max, many.item) if many else (0, Unknown())
        inner = {**scope, getattr(node.target, "name"): item, "loop": _LOOP}  # noqa: B009 - checked above
        return max(times * self.block(node.body, inner), self.block(node.else_, scope))

    def printed(self, node: nodes.Expr, scope: Mapping[str, Shape]) -> int:
        shape, name = self.infer(node, scope), _source(node)
        if isinstance(shape, Record):
            names = ", ".join(sorted(shape.fields)[:8])
            self.fault(
                node,
                message("{name} is a record and cannot be printed", name=_called(name)),
                message("name one of its fields: {names}", names=names),
                name,
            )
        elif isinstance(shape, Many):
            self.fault(
                node,
                message("{name} is a list and cannot be printed", name=_called(name)),
                message("use join, length or a for"),
                name,
            )
        elif isinstance(shape, Moment):
            self.fault(
                node,
                message("{name} is a point in time", name=_called(name)),
                message("say how to print it: date, time or moment"),
                name,
            )
        elif shape:
            return shape.max
        return 0

    def infer(self, node: nodes.Node, scope: Mapping[str, Shape]) -> Shape | None:
        """Return the shape of an expression, None where it has a fault."""
        if isinstance(node, nodes.Name):
            return self.name(node, scope)
        if isinstance(node, nodes.Getattr):
            return self.attribute(node, scope)
        if isinstance(node, nodes.Const):
            return Text(length(node.value)) if isinstance(node.value, str) else Number(len(str(node.value)))
        if isinstance(node, nodes.Filter):
            return self.filter(node, scope)
        return self.operation(node, scope)

    def operation(self, node: nodes.Node, scope: Mapping[str, Shape]) -> Shape | None:
        if isinstance(node, nodes.CondExpr):
            self.infer(node.test, scope)
            return self.either(node.expr1, node.expr2, scope)
        if isinstance(node, nodes.Or | nodes.And):
            return self.either(node.left, node.right, scope)
        if isinstance(node, nodes.Not):
            self.infer(node.node, scope)
            return Flag()
        if isinstance(node, nodes.Compare):
            return self.comparison(node, scope)
        if isinstance(node, nodes.Concat):
            return Text(sum(self.printed(part, scope) for part in node.nodes))
        keyword = _keyword(node)
        self.fault(
            node,
            message('"{keyword}" is not part of the words\' language', keyword=keyword),
            message("names, fields and filters serve"),
            keyword[0],
        )
        return None

    def comparison(self, node: nodes.Compare, scope: Mapping[str, Shape]) -> Shape:
        """Check a comparison: any two values may be compared for equality, only numbers by order."""
        shapes = [self.infer(each, scope) for each in (node.expr, *(operand.expr for operand in node.ops))]
        ordered = any(operand.op not in _EQUAL for operand in node.ops)
        if ordered and any(operand.op.endswith("in") for operand in node.ops):
            self.fault(node, message('"in" is not part of the words\' language'), message("compare with =="), " in ")
        elif ordered and not all(isinstance(shape, Number | None) for shape in shapes):
            self.fault(node, message("only numbers are more or less than others"), message("compare with =="))
        return Flag()

    def either(self, first: nodes.Expr, second: nodes.Expr | None, scope: Mapping[str, Shape]) -> Shape | None:
        shapes = [self.infer(first, scope), self.infer(second, scope) if second else Text(0)]
        known = [shape for shape in shapes if shape]
        try:
            return reduce(join, known) if known else None
        except ValueError:
            return next(shape for shape in known if isinstance(shape, Record | Many))

    def name(self, node: nodes.Name, scope: Mapping[str, Shape]) -> Shape | None:
        shape = scope.get(node.name)
        if shape is None:
            what, hint = message('unknown variable "{name}"', name=node.name), did_you_mean(node.name, scope)
            is_new = nearest(node.name, scope) is None
            self.faults.append(Fault(what, hint, node.lineno, node.name, unfilled=is_new))
        return None if isinstance(shape, Unknown) else shape

    def attribute(self, node: nodes.Getattr, scope: Mapping[str, Shape]) -> Shape | None:
        owner = self.infer(node.node, scope)
        if owner is None:
            return None
        fields = owner.fields if isinstance(owner, Record) else {}
        if node.attr not in fields:
            name = _source(node.node)
            needle = f"{name}.{node.attr}"
            self.fault(
                node,
                message('{name} has no field "{field}"', name=_called(name), field=node.attr),
                did_you_mean(node.attr, fields),
                needle,
            )
            return None
        return None if isinstance(fields[node.attr], Unknown) else fields[node.attr]

    def filter(self, node: nodes.Filter, scope: Mapping[str, Shape]) -> Shape | None:
        if node.name not in SHAPES:
            self.fault(
                node, message('unknown filter "{filter}"', filter=node.name), did_you_mean(node.name, SHAPES), node.name
            )
            return None
        value = self.infer(node.node, scope) if node.node else None
        arguments: list[Any] = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if len(arguments) != len(node.args) or node.kwargs:
            self.fault(node, message('the filter "{filter}" takes constants only', filter=node.name), None, node.name)
            return None
        if value is None:
            return None
        return self.filtered(node, value, arguments)

    def filtered(self, node: nodes.Filter, value: Shape, arguments: Sequence[Any]) -> Shape | None:
        """Return the shape of the result of a filter, None where it does not take the value or the arguments."""
        try:
            return SHAPES[node.name](value, arguments, self.labels)
        except UnknownListError as error:
            if self.complete:
                self.fault(node, error.what, did_you_mean(error.name, self.labels), error.name)
        except MissingItemError as error:
            self.fault(node, error.what, did_you_mean(error.item, error.others) or message("add it"), error.name)
        except FilterError as error:
            what = message('the filter "{filter}" {needs}', filter=node.name, needs=error.what)
            self.fault(node, what, None, node.name)
        return None


def _source(node: nodes.Node) -> str:
    """Return a name with its fields as it is written; "" for any other expression."""
    if isinstance(node, nodes.Name):
        return node.name
    owner = _source(node.node) if isinstance(node, nodes.Getattr) else ""
    return f"{owner}.{node.attr}" if owner and isinstance(node, nodes.Getattr) else ""


def _called(name: str) -> object:
    """Return what a value is called in messages."""
    return name or message("this")


_KEYWORDS = {
    "Assign": "set",
    "AssignBlock": "set",
    "FromImport": "from",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "ScopedEvalContextModifier": "autoescape",
    "Call": "()",
    "Getitem": "[]",
    "List": "[]",
    "Tuple": ",",
    "Dict": "{}",
    "Test": "is",
}
"""What people write, where Jinja's node has another name."""


def _keyword(node: nodes.Node) -> str:
    """Return the keyword or operator of a node, for messages."""
    name = type(node).__name__
    return _KEYWORDS.get(name) or getattr(node, "operator", None) or name.lower()


def _line_of(pieces: Sequence[tuple[str, int]], position: int) -> int:
    """Return the line, in the template, of the character at `position` in the joined pieces."""
    for text, line in pieces:
        if position < len(text):
            return line + text[:position].count("\n")
        position -= len(text)
    return pieces[-1][1]
