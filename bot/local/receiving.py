"""Methods by which the bot gets its updates: long polling, and the webhook's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local.refusals import Refusal, bad_request

if TYPE_CHECKING:
    from bot.local.params import Params
    from bot.local.telegram import Emulator

_WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


async def get_updates(emulator: Emulator, params: Params) -> list[dict[str, Any]]:
    """`getUpdates`: at most 100 updates, waited for at most 50 seconds."""
    if emulator.webhook:
        raise Refusal(409, _WEBHOOK_SET)
    if params.get("allowed_updates") is not None:
        emulator.updates.allowed = list(params.get("allowed_updates"))
    limit = min(max(params.number("limit", 100), 1), 100)
    seconds = min(max(params.number("timeout"), 0), 50)
    return await emulator.updates.poll(params.number("offset"), limit, seconds)


def set_webhook(emulator: Emulator, params: Params) -> bool:
    """`setWebhook`: the address is kept, nothing is sent there."""
    url = params.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    emulator.webhook = {"url": url, "secret_token": params.text("secret_token")} if url else {}
    if params.get("allowed_updates") is not None:
        emulator.updates.allowed = list(params.get("allowed_updates"))
    _drop_pending(emulator, params)
    emulator.updates.interrupt()
    return True


def delete_webhook(emulator: Emulator, params: Params) -> bool:
    """`deleteWebhook`."""
    emulator.webhook = {}
    _drop_pending(emulator, params)
    return True


def get_webhook_info(emulator: Emulator, _: Params) -> dict[str, Any]:
    """`getWebhookInfo`."""
    return {
        "url": emulator.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(emulator.updates.pending),
    }


def _drop_pending(emulator: Emulator, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        emulator.updates.take()
