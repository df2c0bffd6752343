"""The reference of the registered hooks, as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from engine.hooks.declarations import Hook
from engine.hooks.inputs import INCOMPLETE, Input, inputs_of
from engine.hooks.registry import Hooks
from engine.introspection.forms import form, hints
from engine.introspection.markdown import codes, summary, table
from engine.subjects import SubjectPort
from engine.templates.shapes import Flag, Many, Moment, Number, Record, Shape, Text, Unknown, of_model

_HEAD = """## Hooks

What this bot supplies: flows name it, Python does it. An argument with `=` takes the name of a variable. Without one
it takes the variable of its own name: of the draft where the action makes a subject, of the answers in a status
transition, else of the dialog.
"""


def hooks_reference(hooks: Hooks) -> str:
    """Return the reference of roles, guards, actions, sources and subjects."""
    files = map(_row, hooks.file_sources.values())
    return "\n".join(
        [
            _HEAD,
            _titled("Roles and relations", ("name", "what it is", "a notice can tell them"), _audiences(hooks)),
            _titled("Guards", ("guard", "arguments", "what it does"), map(_row, hooks.guards.values())),
            "Every role and relation is a guard, too.\n",
            _titled("Actions", ("action", "arguments", "outcomes", "brings about", "what it does"), _actions(hooks)),
            _titled("Sources", ("source", "arguments", "supplies", "fields", "what it does"), _sources(hooks)),
            "A step names a source of values under `source`, one of rows under `choose: from` or `list: rows`.\n",
            _titled("Sources of files", ("source", "arguments", "what it does"), files),
            _titled("A person in words", ("field", "what it is"), _printed("person", hooks.person)),
            *map(_subject, hooks.subjects.values()),
        ]
    )


def _titled(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"### {title}\n\n{table(head, rows)}"


def _row(hook: Hook) -> tuple[str, str, str]:
    """Return a hook's name, what it takes, and what it does: inputs are named first, they take variables."""
    inputs = [f"`{each.name}` = {each.wanted}{_may_lack(each)}" for each in inputs_of(hook.inputs).values()]
    constants = [f"`{name}`: {form(hint)}" for name, hint in hints(hook.parameters).items()]
    return f"`{hook.name}`", ", ".join([*inputs, *constants]), summary(hook.call)


def _may_lack(declared: Input) -> str:
    return "" if declared.required else " (optional)"


def _audiences(hooks: Hooks) -> Iterator[Sequence[str]]:
    for each in hooks.audiences.values():
        what = "relation to a subject" if each.about else "role"
        yield f"`{each.name}`", what, "yes" if each.members else "no"


def _actions(hooks: Hooks) -> Iterator[Sequence[str]]:
    for each in hooks.actions.values():
        name, arguments, what = _row(each)
        yield (
            name,
            arguments,
            codes(sorted(each.outcomes | ({INCOMPLETE} if each.is_demanding else set()))),
            codes([each.gives] if each.gives else []),
            what,
        )


def _sources(hooks: Hooks) -> Iterator[Sequence[str]]:
    for each in hooks.sources.values():
        name, arguments, what = _row(each)
        yield name, arguments, "rows" if each.rows else "values", codes(each.shape.fields), what


def _subject(port: SubjectPort) -> str:
    rows = _printed(port.kind, of_model(port.view))
    fields = _titled(f"A {port.kind} in words", ("field", "what it is"), rows)
    return f"{fields}\nA transition may set {codes(sorted(port.fields.model_fields))}.\n"


def _printed(owner: str, record: Record) -> Iterator[Sequence[str]]:
    for name, shape in record.fields.items():
        yield f"`{owner}.{name}`", _shape(shape)


_PLAIN = {Number: "number", Flag: "true or false", Moment: "point in time", Unknown: "anything"}


def _shape(shape: Shape) -> str:
    match shape:
        case Text():
            return f"text, {shape.max} characters at most"
        case Many():
            return f"list, {shape.max} items at most: {_shape(shape.item)}"
        case Record():
            return f"fields {codes(shape.fields)}"
        case _:
            return _PLAIN[type(shape)]
