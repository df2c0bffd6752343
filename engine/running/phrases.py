"""Short words outside a screen: toasts, hints and the labels of buttons."""

from html import unescape
from typing import Any

from engine.running.context import Context
from engine.templates.templates import Template


def plain(context: Context, words: Template, **more: Any) -> str:
    """Return words as plain text; they are escaped like all words, and here no markup is read."""
    return unescape(words.fixed if words.fixed is not None else words.render(context.values(words.uses, more)))


def phrase(context: Context, name: str, **more: Any) -> str:
    """Return one of the phrases that the bot says by itself."""
    return plain(context, context.flows.phrases[name], **more)


def refusal(context: Context, name: str, **more: Any) -> str:
    """Return the phrase that says why what was asked for is not done; the refusal is reported by its name."""
    context.refused(name)
    return phrase(context, name, **more)
