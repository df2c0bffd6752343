"""Methods by which the bot gets its updates: long polling, and the webhook's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local.refusals import Refusal, bad_request

if TYPE_CHECKING:
    from bot.local.params import Params
    from bot.local.state import State

_WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


async def get_updates(state: State, params: Params) -> list[dict[str, Any]]:
    """`getUpdates`: at most 100 updates, waited for at most 50 seconds."""
    if state.webhook:
        raise Refusal(409, _WEBHOOK_SET)
    if params.get("allowed_updates") is not None:
        state.updates.allowed = list(params.get("allowed_updates"))
    limit = min(max(params.number("limit", 100), 1), 100)
    seconds = min(max(params.number("timeout"), 0), 50)
    return await state.updates.poll(params.number("offset"), limit, seconds)


def set_webhook(state: State, params: Params) -> bool:
    """`setWebhook`: the address is kept, nothing is sent there."""
    url = params.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    state.webhook = {"url": url, "secret_token": params.text("secret_token")} if url else {}
    if params.get("allowed_updates") is not None:
        state.updates.allowed = list(params.get("allowed_updates"))
    _drop_pending(state, params)
    state.updates.interrupt()
    return True


def delete_webhook(state: State, params: Params) -> bool:
    """`deleteWebhook`."""
    state.webhook = {}
    _drop_pending(state, params)
    return True


def get_webhook_info(state: State, _: Params) -> dict[str, Any]:
    """`getWebhookInfo`."""
    return {
        "url": state.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates.pending),
    }


def _drop_pending(state: State, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        state.updates.take()
