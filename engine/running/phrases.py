"""Short texts outside of a screen's own: toasts, hints and the labels of buttons."""

from html import unescape
from typing import Any

from engine.running.context import Context
from engine.templates.templates import Template


def plain(context: Context, template: Template, **more: Any) -> str:
    """Render a template as plain text; templates escape their values for HTML, and this text is not parsed as such."""
    text = template.fixed if template.fixed is not None else template.render(context.values(template.uses, more))
    return unescape(text)


def phrase(context: Context, name: str, **more: Any) -> str:
    """Return one of the bot's own phrases."""
    if context.trace:
        context.trace(f"phrase:{name}")
    return plain(context, context.flows.phrases[name], **more)


def refusal(context: Context, name: str, **more: Any) -> str:
    """Return the phrase for a refusal, and report the refusal under the name of the phrase."""
    context.refused(name)
    return phrase(context, name, **more)
