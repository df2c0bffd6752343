"""Everything that can be wrong in flows and found before anybody talks to the bot."""

from datetime import tzinfo

from engine.check.branches import check_ways
from engine.check.buttons import check_buttons
from engine.check.file import check_files
from engine.check.hooks import check_hooks
from engine.check.reach import check_reach
from engine.check.statuses import check_statuses
from engine.check.steps import check_steps
from engine.check.templates import check_all_words
from engine.check.timers import check_timers
from engine.check.variables import check_variables
from engine.hooks import Hooks
from engine.problems import Problem
from engine.reading.catalog import Book
from engine.reading.scopes import Scopes
from engine.templates.templates import Templates


def check(book: Book, hooks: Hooks, zone: tzinfo) -> list[Problem]:
    """Return every mistake of the flows, each at its place.

    A mistake is told once: what follows from a misspelt name or from a piece that could not be read is left out.
    """
    scopes = Scopes.of(book, hooks)
    check_files(book)
    check_hooks(book, hooks)
    names_are_known = check_steps(book, hooks)
    check_ways(book, hooks)
    check_variables(book, scopes)
    check_statuses(book, hooks, scopes)
    if book.whole():
        check_reach(book, names_are_known=names_are_known)
    check_buttons(book, scopes)
    templates = Templates(zone, book.labels(), complete=book.whole())
    check_timers(book, hooks, templates)
    check_all_words(book, scopes, templates)
    return book.problems
