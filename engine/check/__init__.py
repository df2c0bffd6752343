"""Static checks of flows."""

from datetime import tzinfo

from engine.check.bounds import check_bounds
from engine.check.branches import check_branches
from engine.check.buttons import check_buttons
from engine.check.comments import check_comments
from engine.check.constants import check_constants
from engine.check.contradictions import check_contradictions
from engine.check.edits import check_edits
from engine.check.empty_lists import check_empty_lists
from engine.check.fields import check_fields
from engine.check.file import check_files
from engine.check.guard_values import check_values
from engine.check.hooks import check_hooks
from engine.check.inputs import check_inputs
from engine.check.keeping import check_keeping
from engine.check.limits import check_limits
from engine.check.misspelt import correct_names
from engine.check.notices import check_notices
from engine.check.precedence import check_precedence
from engine.check.questions import check_questions
from engine.check.reach import check_reach
from engine.check.statuses import check_statuses
from engine.check.steps import check_steps
from engine.check.subdialogs import check_subdialogs
from engine.check.subjects import check_subjects
from engine.check.templates import check_templates
from engine.check.texts import WordReader, Words
from engine.check.timers import check_timers
from engine.check.unused import check_unused
from engine.check.variable_names import correct_variables
from engine.check.variables import check_variables
from engine.check.visibility import check_visibility
from engine.hooks.registry import Hooks
from engine.problems import Problem
from engine.reading.catalog import Catalog
from engine.reading.scopes import Scopes
from engine.templates.templates import Templates


def check(catalog: Catalog, hooks: Hooks, zone: tzinfo) -> list[Problem]:
    """Return all mistakes of the flows, each with its position.

    A mistake is reported once: what follows from a misspelt name or from a piece that could not be read is left out.
    """
    catalog = check_subjects(catalog, hooks)
    catalog, templates, words = _corrected(catalog, hooks, zone)
    scopes = Scopes.of(catalog, hooks)
    check_files(catalog)
    check_hooks(catalog, hooks, scopes)
    names_are_known = check_steps(catalog, hooks)
    check_branches(catalog, hooks)
    check_variables(catalog, scopes)
    check_values(catalog, scopes)
    check_statuses(catalog)
    check_inputs(catalog, hooks, scopes)
    check_fields(catalog, hooks, scopes)
    if catalog.complete():
        check_reach(catalog, names_are_known=names_are_known)
        check_edits(catalog)
    check_precedence(catalog, hooks)
    check_contradictions(catalog, hooks)
    check_visibility(catalog, hooks)
    check_questions(catalog)
    check_bounds(catalog)
    check_empty_lists(catalog)
    if names_are_known:
        check_subdialogs(catalog, scopes)
        check_keeping(catalog, hooks, words)
    check_constants(catalog)
    check_buttons(catalog, scopes)
    check_limits(catalog)
    check_unused(catalog, hooks, words)
    check_comments(catalog, words)
    check_timers(catalog, hooks)
    check_notices(catalog, templates)
    check_templates(catalog, scopes, templates)
    return catalog.problems


def _corrected(catalog: Catalog, hooks: Hooks, zone: tzinfo) -> tuple[Catalog, Templates, list[Words]]:
    """Return the flows as they were meant, with the templates that know their lists, and all their words."""
    templates = Templates(zone, catalog.labels(), complete=catalog.complete())
    reader = WordReader(templates)
    meant = correct_names(catalog, hooks, reader)
    meant = correct_variables(meant, hooks, reader.read(meant))
    if meant is not catalog:
        templates = Templates(zone, meant.labels(), complete=meant.complete())
    return meant, templates, reader.read(meant)
