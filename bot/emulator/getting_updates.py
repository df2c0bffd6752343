"""Methods by which the bot gets its updates: long polling, and the webhook's settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.emulator.errors import ApiError, bad_request
from bot.emulator.webhook_delivery import WebhookSettings

if TYPE_CHECKING:
    from bot.emulator.params import Params
    from bot.emulator.state import State

_PORTS = {80, 88, 443, 8443}
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


async def get_updates(state: State, params: Params) -> list[dict[str, Any]]:
    """`getUpdates`: at most 100 updates, waited for at most 50 seconds."""
    if state.webhook.settings:
        raise ApiError(409, _WEBHOOK_SET)
    if params.get("allowed_updates") is not None:
        state.updates.allowed = list(params.get("allowed_updates"))
    limit = min(max(params.number("limit", 100), 1), 100)
    seconds = min(max(params.number("timeout"), 0), 50)
    return await state.updates.poll(params.number("offset"), limit, seconds)


def set_webhook(state: State, params: Params) -> bool:
    """`setWebhook`: updates are sent to the address from now on, see `webhook_delivery`."""
    url, secret = params.text("url"), params.text("secret_token")
    _check(url, secret)
    if params.get("allowed_updates") is not None:
        state.updates.allowed = list(params.get("allowed_updates"))
    _drop_pending(state, params)
    state.updates.interrupt()
    connections = min(max(params.number("max_connections", 40), 1), 100)
    state.webhook.set(WebhookSettings(url, secret, connections) if url else None)
    return True


def delete_webhook(state: State, params: Params) -> bool:
    """`deleteWebhook`."""
    state.webhook.set(None)
    _drop_pending(state, params)
    return True


def get_webhook_info(state: State, _: Params) -> dict[str, Any]:
    """`getWebhookInfo`."""
    settings, failure = state.webhook.settings, state.webhook.failure
    info = {
        "url": settings.url if settings else "",
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates.pending),
    }
    if settings:
        info |= {"max_connections": settings.max_connections, "allowed_updates": state.updates.allowed}
    if failure:
        info |= {"last_error_date": int(failure.at), "last_error_message": failure.reason}
    return info


def _check(url: str, secret: str) -> None:
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if url and (urlsplit(url).port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")


def _drop_pending(state: State, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        state.updates.take()
