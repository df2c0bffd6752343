"""The languages that maintainers are spoken to in."""

import gettext
import io
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, get_args

import polib

Language: TypeAlias = Literal["en", "ru"]

LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """Return the translations of English patterns into `language`; none for English itself."""
    if language == "en":
        return gettext.NullTranslations()
    catalogue = polib.pofile((files(__package__) / f"{language}.po").read_text(encoding="utf-8"))
    return gettext.GNUTranslations(io.BytesIO(catalogue.to_binary()))


def language_of_locale(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language of messages by the locale, as gettext reads it: LC_ALL before LC_MESSAGES before LANG."""
    chosen = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(key))), "")
    return "ru" if chosen.lower().startswith("ru") else "en"
