"""Everything that the shipped flows may name, in one place."""

from bot.hooks import actions, guards, people, sources
from bot.hooks.request import RequestPort
from bot.hooks.views import PersonView
from engine.hooks import Hooks


def build_hooks() -> Hooks:
    """Return the registry of guards, roles, actions, sources and subjects."""
    hooks = Hooks(PersonView, people.show_person)
    hooks.subject(RequestPort())
    for module in (people, guards, actions, sources):
        module.register(hooks)
    return hooks
