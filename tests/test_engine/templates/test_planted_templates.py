"""What is no template, planted in the words of the shipped flows one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_engine.check.planting import Mistake, said_of

if TYPE_CHECKING:
    from pathlib import Path

MISTAKES = [
    Mistake(
        "an expression that is never closed",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name",
        ('main.yaml:40:24: "{{" is never closed; close it with "}}"',),
    ),
    Mistake(
        "an expression closed by one brace",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name }",
        ('main.yaml:40:45: "}" does not close "{{"; close it with "}}"',),
    ),
    Mistake(
        "an expression closed like a tag",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name %}",
        ('main.yaml:40:45: "%}" does not close "{{"; close it with "}}"',),
    ),
    Mistake(
        "a tag that is never closed",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft Здравствуйте!",
        ('main.yaml:40:7: "{%" is never closed; close it with "%}"',),
    ),
    Mistake(
        "a comment that is never closed",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{# Здравствуйте!",
        ('main.yaml:40:7: "{#" is never closed; close it with "#}"',),
    ),
    Mistake(
        "a missing endif",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}Здравствуйте!",
        ('main.yaml:40:7: "if" is never closed; add {% endif %}',),
    ),
    Mistake(
        "a missing endfor",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% for each in queue %}Здравствуйте!",
        ('main.yaml:40:7: "for" is never closed; add {% endfor %}',),
    ),
    Mistake(
        "elseif for elif",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}а{% elseif draft %}б{% endif %}",
        ('main.yaml:40:25: unknown tag "elseif"; did you mean "elif"?',),
    ),
    Mistake(
        "else if for elif",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}а{% else if draft %}б{% endif %}",
        ('main.yaml:40:30: "else" stands alone in its braces; write "elif" for a further condition',),
    ),
    Mistake(
        "a misspelt tag",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% fi draft %}а{% endif %}",
        ('main.yaml:40:10: unknown tag "fi"; did you mean "if"?',),
    ),
    Mistake(
        "a tag of another language",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% foreach a in b %}{% endforeach %}",
        ('main.yaml:40:10: unknown tag "foreach"; did you mean "for"?',),
    ),
    Mistake(
        "an endif too many",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "Здравствуйте!{% endif %}",
        ('main.yaml:40:23: "endif" closes nothing; take it out, or open what it closes',),
    ),
    Mistake(
        "an else without an if",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "Здравствуйте!{% else %}",
        ('main.yaml:40:23: "else" stands outside of an if; begin with {% if … %}',),
    ),
    Mistake(
        "an elif behind the else",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}а{% else %}б{% elif draft %}в{% endif %}",
        ('main.yaml:40:36: "elif" stands behind "else"; "else" comes last and once',),
    ),
    Mistake(
        "tags that cross",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}{% for a in b %}{% endif %}{% endfor %}",
        ('main.yaml:40:40: "endif" stands where "endfor" belongs; what was opened last is closed first',),
    ),
    Mistake(
        "an if without a condition",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if %}а{% endif %}",
        ("main.yaml:40:12: something is missing at the end of these braces; name a value",),
    ),
    Mistake(
        "one equals sign",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft = 'x' %}а{% endif %}",
        ('main.yaml:40:19: "=" compares nothing; compare with ==',),
    ),
    Mistake(
        "signs for and",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft && draft %}а{% endif %}",
        ('main.yaml:40:19: "&" does not belong here; write "and"',),
    ),
    Mistake(
        "signs for or",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft || draft %}а{% endif %}",
        ('main.yaml:40:19: "|" does not belong here; write "or"',),
    ),
    Mistake(
        "a sign for not",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if !draft %}а{% endif %}",
        ('main.yaml:40:13: "!" does not belong here; write "not"',),
    ),
    Mistake(
        "two names without a sign",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person first_name }}",
        ('main.yaml:40:34: "first_name" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "a filter without a name",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name | }}",
        ("main.yaml:40:46: something is missing at the end of these braces; name a value",),
    ),
    Mistake(
        "a parenthesis that is never closed",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name | short(3 }}",
        ('main.yaml:40:54: ")" is missing here; write it, or take out what opens it',),
    ),
    Mistake(
        "a parenthesis too many",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person.first_name | short(3)) }}",
        ('main.yaml:40:55: ")" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "a point without a field",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ person. }}",
        ("main.yaml:40:33: a name is missing behind the point; name a field",),
    ),
    Mistake(
        "a quote that is never closed",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ 'а }}",
        ("main.yaml:40:27: this quote is never closed; close it with the same quote",),
    ),
    Mistake(
        "typographic quotes",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ “а” }}",
        ("main.yaml:40:27: \"“\" does not belong here; write straight quotes: '…'",),
    ),
    Mistake(
        "empty braces",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ }}",
        ("main.yaml:40:26: something is missing at the end of these braces; name a value",),
    ),
    Mistake(
        "an empty tag",
        "main.yaml",
        "{{ person.first_name }}",
        "{% %}",
        ("main.yaml:40:24: these braces are empty; write if or for, or take them out",),
    ),
    Mistake(
        "a loop without in",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% for a %}{% endfor %}",
        ("main.yaml:40:10: a loop goes over one list; write {% for item in items %}",),
    ),
    Mistake(
        "a hundred parentheses",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ " + "(" * 100 + "draft" + ")" * 100 + " }}",
        (
            "main.yaml:40:24: these words hold more than 40 parts inside each other; "
            "use fewer conditions, parentheses or filters",
        ),
    ),
    Mistake(
        "three thousand or",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ " + " or ".join(["draft"] * 3000) + " }}",
        (
            "main.yaml:40:7: these words are longer than 16000 characters, with what their braces hold; "
            "shorten them: a message holds 4096",
        ),
    ),
    Mistake(
        "two hundred conditions inside each other",
        "main.yaml",
        "Здравствуйте, <b>{{ person.first_name }}</b>!",
        "{% if draft %}" * 200 + "{% endif %}" * 200,
        (
            "main.yaml:40:7: these words hold more than 40 parts inside each other; "
            "use fewer conditions, parentheses or filters",
        ),
    ),
    Mistake(
        "a number of five thousand digits",
        "main.yaml",
        "{{ person.first_name }}",
        "{{ " + "9" * 5000 + " }}",
        ("main.yaml:40:26: a number here is too long; shorten it",),
    ),
    Mistake(
        "a second line of a block",
        "main.yaml",
        "Вы — {{ person.role | label('role') }}.",
        "Вы — {{ person.role label }}.",
        ('main.yaml:41:27: "label" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "folded words",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: >\n    Секунду,\n    ещё {{ a b }} одну",
        ('main.yaml:26:14: "b" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "words in quotes over lines",
        "main.yaml",
        "  busy: Секунду…",
        '  busy: "Секунду,\\n\n    ещё \\"одну\\" {{ a b }}"',
        ('main.yaml:25:23: "b" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "words in single quotes over lines",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: 'Секунду,\n    это''ещё {{ a b }}'",
        ('main.yaml:25:19: "b" does not belong here; look at the signs and quotes before it',),
    ),
    Mistake(
        "plain words over lines",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: Секунду,\n    ещё {{ nobody }}",
        ('main.yaml:25:12: unknown variable "nobody"',),
    ),
    Mistake(
        "an unknown name in folded words",
        "main.yaml",
        "  busy: Секунду…",
        "  busy: >-\n    Секунду,\n    ещё {{ nobody }}",
        ('main.yaml:26:12: unknown variable "nobody"',),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_is_no_template_is_reported_once_where_it_begins(mistake: Mistake, tmp_path: Path) -> None:
    assert said_of(mistake, tmp_path) == mistake.messages
