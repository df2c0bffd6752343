"""Words are checked before anybody reads them: names, markup, and a length that no value can pass."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.markup import length, parse
from engine.templates.check import CheckResult, check_template
from engine.templates.filters import SEPARATOR
from engine.templates.shapes import FLOAT_LENGTH, Flag, Many, Moment, Number, Record, Shape, Text, Unknown
from engine.templates.templates import TemplateError, Templates

LABELS = {"role": {"crew": ("мастер", "🛠"), "staff": ("сотрудник", "")}}
TEMPLATES = Templates(UTC, LABELS)
REMARK = Record("Remark", {"text": Text(9), "at": Moment(), "count": Number()})
SCOPE: dict[str, Shape] = {
    "name": Text(12),
    "mark": Text(1),
    "count": Number(),
    "weight": Number(FLOAT_LENGTH),
    "open": Flag(),
    "at": Moment(),
    "tags": Many(Text(4), 3),
    "remarks": Many(REMARK, 3),
    "last": REMARK,
    "lost": Unknown(),
}


def check(source: str, *, html: bool = True) -> CheckResult:
    return check_template(TEMPLATES, source, SCOPE, html=html)


def text_of(size: int) -> st.SearchStrategy[str]:
    """Give texts of at most so many UTF-16 units, with what HTML and Jinja care for."""
    letters = st.sampled_from("аб <>&\"'{}%#;\n🙂ß") | st.characters(codec="utf-8")
    return st.text(letters, max_size=size).filter(lambda text: length(text) <= size)


def value_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Give values of a declared shape, or none."""
    if isinstance(shape, Text):
        return st.none() | text_of(shape.max)
    if isinstance(shape, Number):
        whole = st.integers(-(2**63), 2**63 - 1)
        return st.none() | (whole if shape.max < FLOAT_LENGTH else st.floats(allow_nan=False, allow_infinity=False))
    if isinstance(shape, Moment):
        return st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    if isinstance(shape, Many):
        return st.none() | st.lists(value_of(shape.item), max_size=shape.max)
    if isinstance(shape, Record):
        return st.none() | st.fixed_dictionaries({name: value_of(inner) for name, inner in shape.fields.items()})
    return st.none() | st.booleans() if isinstance(shape, Flag) else st.none()


SINGLE = st.sampled_from(["name", "mark", "count", "weight", "open", "last.text", "last.count", "'<b>'", "7", "'🙂'"])
CASED = st.sampled_from(["upper", "lower", "capitalize", "short(3)", "default('—')", "label('role')", "icon('role')"])
PRINTED = st.one_of(
    SINGLE,
    st.builds("{} | {}".format, SINGLE, CASED),
    st.builds("{} or {}".format, SINGLE, SINGLE),
    st.builds("{} ~ {}".format, SINGLE, SINGLE),
    st.builds("{} if {} else {}".format, SINGLE, SINGLE, SINGLE),
    st.builds("{} if {} > {}".format, SINGLE, st.sampled_from(["count", "last.count"]), st.sampled_from("06")),
    st.sampled_from(["at | date", "last.at | moment", "at | time", "tags | join", "tags | join(' / ')", "not open"]),
    st.sampled_from(["count | plural('заявка', 'заявки', 'заявок')", "weight | plural('день', 'дня', 'дней')"]),
    st.just("remarks | length"),
)
IF = "{{% if {} %}}\n{}{{% elif open %}}{}{{% else %}}{}{{% endif %}}\n"
FOR = "{{% for tag in tags %}}\n{{{{ tag }}}}{}\n{{% endfor %}}"
FOR_ELSE = "{{% for each in remarks %}}{{{{ each.text }}}}{{{{ loop.index }}}}{}{{% else %}}{}{{% endfor %}}"
PIECES = st.recursive(
    st.sampled_from(["Да\n", "🙂", "&amp;", "&lt;b&gt;", "  ", "#", "'"]) | st.builds("{{{{ {} }}}}".format, PRINTED),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("<b>{}</b>".format, inner),
        st.builds('<a href="t.me/{{{{ name }}}}">{}</a>'.format, inner),
        st.builds(IF.format, SINGLE, inner, inner, inner),
        st.builds(FOR.format, inner),
        st.builds(FOR_ELSE.format, inner, inner),
    ),
    max_leaves=5,
)
VALUES = st.fixed_dictionaries({name: value_of(shape) for name, shape in SCOPE.items()})
NOTHING: dict[str, Any] = dict.fromkeys(SCOPE)


@given(PIECES, VALUES)
@example("{{ 123456789012345678901234567890 }}", NOTHING)
@example("{{ tags | join }}", NOTHING | {"tags": [None, "аб", None]})
@example("{{ 1.0000000000000001e-300 }}", NOTHING)
def test_no_value_makes_a_text_longer_than_the_check_says(source: str, values: dict[str, Any]) -> None:
    checked = check(source)
    assert checked.faults == []
    said = TEMPLATES.compile(source).render(values)
    assert length(parse(said).text) <= checked.longest


@given(PIECES, VALUES)
def test_words_without_markup_keep_to_their_length_too(source: str, values: dict[str, Any]) -> None:
    checked = check(source, html=False)
    said = unescape(TEMPLATES.compile(source).render(values))
    assert length(said) <= checked.longest


@pytest.mark.parametrize(
    ("source", "longest"),
    [
        ("Да", 2),
        ("🙂", 2),
        ("<b>Да</b>", 2),
        ("&lt;b&gt;", 3),
        ("{{ name }}!", 13),
        ("{{ name | short(5) }}", 5),
        ("{{ at | date }} {{ at | time }}", 16),
        ("{{ tags | join }}", 3 * (4 + len(SEPARATOR))),
        ("{{ 'мастер' or name }}", 12),
        ("{{ name ~ '!' }}", 13),
        ("{{ name | label('role') }}", 12),
        ("{{ mark | label('role') }}", len("сотрудник")),
        ("{{ count | plural('день', 'дня', 'дней') }}", 25),
        ("{% if open %}{{ name }}{% else %}Да{% endif %}", 12),
        ("{% for tag in tags %}{{ tag }} {% endfor %}", 15),
        ("{% for tag in tags %}{% else %}Ничего нет{% endfor %}", 10),
        ("{{ lost }}{{ lost.label }}", 0),
    ],
)
def test_the_length_is_that_of_the_longest_values(source: str, longest: int) -> None:
    assert check(source) == CheckResult(longest)


def test_tags_count_where_no_markup_is_read() -> None:
    assert check("<b>Да</b>", html=False).longest == 9


@pytest.mark.parametrize(
    "source",
    [
        "{{ nmae }}",
        "{{ last.txt }}",
        "{{ name.text }}",
        "{{ last }}",
        "{{ tags }}",
        "{{ at }}",
        "{{ name | uper }}",
        "{{ name | date }}",
        "{{ name | short(count) }}",
        "{{ name | short(limit=3) }}",
        "{{ name | label('rôle') }}",
        "{{ name() }}",
        "{{ name[0] }}",
        "{{ count + 1 }}",
        "{{ name is defined }}",
        "{{ [name] }}",
        "{% if name > 3 %}{% endif %}",
        "{% if name in tags %}{% endif %}",
        "{% if not nmae %}{% endif %}",
        "{% if open %}{% elif nmae %}{% endif %}",
        "{% set name = 1 %}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
        "{% block a %}{% endblock %}",
        "{% macro a() %}{% endmacro %}",
        "{% for a in name %}{% endfor %}",
        "{% for a, b in tags %}{% endfor %}",
        "{% for a in tags if a %}{% endfor %}",
        "{% for a in tags recursive %}{% endfor %}",
        "{{ name",
        "{% if open %}",
        "<b>{{ name }}",
        "{% if open %}<b>{% endif %}Да",
        "{% for tag in tags %}<b>{% endfor %}",
        "3 < 4",
        "<h1>Да</h1>",
    ],
)
def test_a_mistake_is_found_once(source: str) -> None:
    assert len(check(source).faults) == 1


def test_a_mistake_in_a_line_is_found_in_that_line() -> None:
    faults = check("Да\n{{ name }}\n{{ nmae }}\n{% if open %}\n{{ last.txt }}\n{% endif %}").faults
    assert [(fault.line, fault.needle.rpartition(".")[2]) for fault in faults] == [(3, "nmae"), (5, "txt")]


def test_a_list_that_may_stand_in_a_file_that_is_lost_is_no_mistake() -> None:
    lost = Templates(UTC, LABELS, complete=False)
    assert check_template(lost, "{{ name | label('other') }}", SCOPE, html=True).faults == []


def test_values_are_escaped_and_what_has_no_value_says_nothing() -> None:
    words = TEMPLATES.compile("  {{ name }}|{{ last.text.more }}|{{ count > 3 }}|{{ tags | join }}\n")
    assert words.render({"name": "<b>&", "last": {"text": None}, "count": None}) == "&lt;b&gt;&amp;||False|"
    assert words.uses == {"name", "last", "count", "tags"}


def test_the_same_source_is_compiled_once() -> None:
    assert TEMPLATES.compile("{{ name }}") is TEMPLATES.compile("{{ name }}")


def test_words_that_are_no_template_name_their_line() -> None:
    with pytest.raises(TemplateError) as caught:
        TEMPLATES.compile("Да\n{% if %}")
    assert caught.value.line == 2


@pytest.mark.parametrize("source", ["{{ name.__class__ }}", "{{ tags.append(1) }}", "{{ range(3) }}"])
def test_python_is_out_of_reach(source: str) -> None:
    assert len(check(source).faults) == 1


@pytest.mark.parametrize(
    ("source", "with_value", "without"),
    [
        ("a\n{% if name %}\nb\n{% endif %}\nc", "a\nb\nc", "a\nc"),
        ("a{% if name %} b{% endif %}\nc", "a b\nc", "a\nc"),
        ("{% if name %}b{% else %}d{% endif %}\nc", "b\nc", "d\nc"),
        ("  {% if name %} {% if mark %}\n  b\n{% endif %}{% endif %}\nc", "b\nc", "c"),
        ("a\n{% if name -%}\n  b\n{% endif %}\nc", "a\nb\nc", "a\nc"),
        ("a\n{# a note #}\nb {# another #}\nc", "a\nb \nc", "a\nb \nc"),
        ("a\n\n{% if name %}\n\nb\n{% endif %}\nc", "a\n\n\nb\nc", "a\n\nc"),
    ],
)
def test_a_line_of_tags_leaves_nothing_and_any_other_line_keeps_its_end(
    source: str, with_value: str, without: str
) -> None:
    template = TEMPLATES.compile(source)
    assert template.render({"name": "Анна", "mark": "x"}) == with_value
    assert template.render({}) == without


def test_a_mistake_below_lines_of_tags_is_counted_where_it_was_written() -> None:
    (fault,) = check("a\n{% if name %}\nb\n{% endif %}\n{{ nmae }}").faults
    assert (fault.line, fault.needle) == (5, "nmae")
