"""Everything that the shipped flows may name, in one place."""

from bot.helpdesk.hooks import actions, guards, roles, sources
from bot.helpdesk.hooks.request_port import RequestPort
from bot.helpdesk.hooks.views import PersonView
from engine.hooks.registry import Hooks


def build_hooks() -> Hooks:
    """Return the registry of guards, roles, actions, sources and subjects."""
    hooks = Hooks(PersonView, roles.show_person)
    hooks.subject(RequestPort())
    for module in (roles, guards, actions, sources):
        module.register(hooks)
    return hooks
