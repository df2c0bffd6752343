"""Checks of notices: what they print has a value, whoever tells them."""

from collections.abc import Callable, Iterator

from jinja2 import nodes

from engine.check.timers import is_timed
from engine.i18n import Message, message
from engine.language.file import FlowFile
from engine.problems import Problem
from engine.reading.catalog import Catalog, KeyPath, outcome_branches
from engine.templates.templates import TemplateError, Templates


def check_notices(catalog: Catalog, templates: Templates) -> None:
    """Report notices that print, without a test, an actor that a timer has not, or an answer that was not asked for."""
    timed = set(_timed_notices(catalog))
    for file, name, notice, path in catalog.notices():
        if notice.show and notice.buttons:
            buttons = path.inside("buttons")
            hint = message("take these out, or write them in its step")
            catalog.report(buttons, message("a card comes with its own buttons"), hint, key=True)
        pieces = [(notice.text, path.inside("text"))]
        pieces += [(each.text, path.inside("buttons", i, "text")) for i, each in enumerate(notice.buttons)]
        unasked = dict(_unasked(catalog, file, name))
        for text, where in pieces:
            try:
                tree = templates.parse(text or "")
            except TemplateError:
                continue
            if (file.flow, name) in timed and (node := _used_untested(tree, _is_actor)):
                _report(catalog, where, node, "actor", message('"actor" is nobody when time tells this'))
            for answer, teller in unasked.items():
                if node := _used_untested(tree, _is_answer(answer)):
                    what = message('"answer.{answer}" is empty when {teller} tells this', answer=answer, teller=teller)
                    _report(catalog, where, node, f"answer.{answer}", what)


def _timed_notices(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for file, _, deadline, _ in catalog.deadlines():
        yield from ((file.flow, name) for name in deadline.tell)
    for file, status in catalog.statuses():
        for transition in status.transitions:
            if is_timed(transition):
                yield from ((file.flow, name) for name in transition.tell)


def _unasked(catalog: Catalog, file: FlowFile, notice: str) -> Iterator[tuple[str, Message]]:
    """Go through the answers that transitions of the flow ask for and one who tells the notice does not: who."""
    transitions = file.status.transitions if file.status else []
    asked = {name for each in transitions for name in each.ask}
    for each in transitions:
        if notice in each.tell:
            yield from (
                (name, message('"{transition}"', transition=each.name)) for name in sorted(asked - each.ask.keys())
            )
    for at in catalog.branches():
        if at.path.flow == file.flow and any(notice in branch.tell for _, branch, _ in outcome_branches(at)):
            yield from ((name, message("a dialog")) for name in sorted(asked))
    for other, _, deadline, _ in catalog.deadlines():
        if other.flow == file.flow and notice in deadline.tell:
            yield from ((name, message("time")) for name in sorted(asked))


def _report(catalog: Catalog, path: KeyPath, node: nodes.Node, value: str, what: Message) -> None:
    position = catalog.flows[path.flow].document.text_position(path.location, node.lineno, value)
    catalog.problems.append(Problem(position, what, message("ask before: {{% if {value} %}}", value=value)))


def _is_actor(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "actor"


def _is_answer(name: str) -> Callable[[nodes.Node], bool]:
    def matches(node: nodes.Node) -> bool:
        owner = node.node if isinstance(node, nodes.Getattr) and node.attr == name else None
        return isinstance(owner, nodes.Name) and owner.name == "answer"

    return matches


def _used_untested(node: nodes.Node, is_used: Callable[[nodes.Node], bool]) -> nodes.Node | None:
    """Return the node of a template that uses a value without a test that there is one."""
    if is_used(node):
        return node
    if isinstance(node, nodes.If | nodes.CondExpr) and any(map(is_used, (node.test, *node.test.find_all(nodes.Node)))):
        return None
    found = (_used_untested(child, is_used) for child in node.iter_child_nodes())
    return next((each for each in found if each), None)
