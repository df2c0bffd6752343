"""What the bot serves over HTTP beside the webhook: liveness, readiness, metrics."""

from dataclasses import asdict

from aiohttp import web

from bot.service.gauges import Gauges
from bot.service.health import Health
from bot.telemetry.metrics import Metrics

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of a request; far more than Telegram's longest update takes."""


def service_routes(health: Health, metrics: Metrics, gauges: Gauges) -> list[web.RouteDef]:
    """Return the routes `/livez`, `/readyz` and `/metrics`."""

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        checks = await health.checks()
        ready = all(check.ok for check in checks.values())
        body = {"ready": ready, "checks": {name: asdict(check) for name, check in checks.items()}}
        return web.json_response(body, status=200 if ready else 503)

    async def scrape(_: web.Request) -> web.Response:
        gauges.show(await health.inspect(), await health.checks())
        return web.Response(body=metrics.text(), headers={"Content-Type": metrics.content_type})

    return [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", scrape)]


def application(routes: list[web.RouteDef]) -> web.Application:
    """Return the aiohttp application of a bot that Telegram talks to."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_routes(routes)
    return app
