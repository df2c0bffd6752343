"""Messages to maintainers, in English and in Russian.

Code writes the English pattern; `ru.po` beside it holds the Russian one. GNU gettext's format, so that any translation
editor opens it; polib reads it as it is, without a step that compiles it.
"""

from engine.i18n.languages import LANGUAGES, Language, language_of_locale
from engine.i18n.messages import Message, counted, joined_by_and, joined_by_or, message

__all__ = [
    "LANGUAGES",
    "Language",
    "Message",
    "counted",
    "joined_by_and",
    "joined_by_or",
    "language_of_locale",
    "message",
]
