"""A title made of what the author wrote."""

from __future__ import annotations

import pytest

from bot.helpdesk.titles import title_of


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("Течёт кран. Вода на полу", "Течёт кран"),
        ("Ой! Разбито окно в холле", "Ой! Разбито окно в холле"),
        ("Что делать? Не греет", "Что делать?"),
        ("Одно слово", "Одно слово"),
        ("первая строка\nвторая", "первая строка вторая"),
        ("слово " * 40, ("слово " * 16).strip() + "…"),
        ("...", "..."),
        ("я" * 300, "я" * 99 + "…"),
    ],
)
def test_the_title_is_the_first_sentence_within_its_bounds(description: str, title: str) -> None:
    assert title_of(description) == title
