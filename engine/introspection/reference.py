"""The reference of the flow language as Markdown, generated from its schema and its filters."""

from datetime import UTC, datetime
from typing import Any

from pydantic.fields import FieldInfo

from engine.introspection.forms import hints, inner_models, takes, title
from engine.introspection.markdown import summary, table
from engine.language.base import Model
from engine.language.dialog import Branch
from engine.language.file import FlowFile
from engine.language.scenario import ScenarioFile
from engine.templates.templates import Templates

_INTRODUCTION = """\
# The flow language: reference

Written by `zavhoz reference`; the page to learn from is [flows.ru.md](flows.ru.md).
A key without a default is required. A key that is not named here is a mistake.

## Forms

| form | what it is |
| --- | --- |
| name | Latin letters in lower case, digits and `_`; begins with a letter; 40 characters at most |
| step | the name of a step of the same flow, or `flow.step` |
| variable | `name`: kept until the dialog ends; `draft.name`: until the draft is emptied; `person.name`: for good |
| words | a template that people read: `{{ value }}`, `{{ value \\| filter }}`, `{% if %}`, `{% for %}` |
| call | a hook by its name, or with arguments: `author`, `{within: 7d}`; of a guard also `not a`, `{any: [a, b]}` |
| one or more | one item may be written without its list: `from: open` or `from: [open, on_hold]` |
| step or branch | only a step's name, or the keys of a [branch](#branch) |
| A for each B | a mapping whose keys are yours to choose: each key is a B, each value an A |
"""

_EXAMPLES: dict[str, tuple[str, str]] = {
    "capitalize": ("the first letter in upper case", "{{ text | capitalize }}"),
    "date": ("the day of a point in time", "{{ moment | date }}"),
    "default": ("something else where there is no value", "{{ nothing | default('не указано') }}"),
    "icon": ("the icon of an item of a list", "{{ value | icon('priority') }}"),
    "join": ("the items of a list in a row", "{{ items | join(', ') }}"),
    "label": ("the label of an item of a list", "{{ value | label('priority') }}"),
    "length": ("how many items a list or characters a text has", "{{ items | length }}"),
    "lower": ("all letters in lower case", "{{ text | lower }}"),
    "moment": ("day and time of a point in time", "{{ moment | moment }}"),
    "plural": ("a number and the word that goes with it", "{{ number | plural('заявка', 'заявки', 'заявок') }}"),
    "short": ("no more than so many characters, cut at a word", "{{ text | short(12) }}"),
    "time": ("the time of a point in time", "{{ moment | time }}"),
    "upper": ("all letters in upper case", "{{ text | upper }}"),
}
"""Every filter: what it makes, and an example."""
_VALUES = {
    "text": "течёт кран в туалете",
    "moment": datetime(2025, 3, 8, 14, 5, tzinfo=UTC),
    "nothing": None,
    "value": "high",
    "items": ["кран", "лампа"],
    "number": 3,
}
_FILTERS = """\
## Filters

Arguments are constants. Times are shown in the organisation's time zone. The statuses of a subject are a list too:
`request_status`.
"""


def reference() -> str:
    """Return the reference of the language: every mapping with its keys, those of scenarios too, and every filter."""
    flows, scenarios = _mappings(FlowFile, []), _mappings(ScenarioFile, [])
    return "\n".join([_INTRODUCTION, *map(_section, [*flows, *scenarios]), _FILTERS, _filters()])


def _mappings(model: type[Model], found: list[type[Model]]) -> list[type[Model]]:
    """Return `model` and those of its keys, each once, in the order of the keys."""
    if model not in found:
        found.append(model)
        for hint in hints(model).values():
            for inner in inner_models(hint):
                _mappings(inner, found)
    return found


def _section(model: type[Model]) -> str:
    is_branch = issubclass(model, Branch) and model is not Branch
    shown = {
        name: info for name, info in model.model_fields.items() if not is_branch or name not in Branch.model_fields
    }
    found = hints(model)
    rows = [
        (
            info.title or f"`{info.alias or name}`",
            takes(found[name], info),
            _default(info),
            _description(found[name], info),
        )
        for name, info in shown.items()
    ]
    description = (model.__doc__ or "").strip().replace("\n    ", "\n")
    more = "\nBesides, all keys of a [branch](#branch).\n" if is_branch else ""
    return f"## {title(model)}\n\n{description}\n{more}\n{table(('key', 'takes', 'default', 'what it is'), rows)}"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    if isinstance(info.default, bool):
        return f"`{str(info.default).lower()}`"
    return "none" if not info.default or isinstance(info.default, Model) else f"`{info.default}`"


def _description(hint: Any, info: FieldInfo) -> str:
    """Return the description of a key, or else that of its mapping."""
    return info.description or next((summary(model) for model in inner_models(hint)), "")


def _filters() -> str:
    templates = Templates(UTC, {"priority": {"high": ("Срочно", "🔴")}})
    rows = [
        (f"`{name}`", what, f"`{example}`", templates.compile(example).render(_VALUES))
        for name, (what, example) in _EXAMPLES.items()
    ]
    return table(("filter", "what it makes", "words", "what people read"), rows)
