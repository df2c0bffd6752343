"""Alert rules, dashboard and the page for operators speak of metrics that there are, and leave none out."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.service.gauges import Gauges
from bot.telemetry.metrics import Metrics
from engine.domain_events import OUTCOMES
from tests.conversation import shipped_flows
from tests.monitoring import (
    BY_PROMETHEUS,
    CONFIG,
    GRAFANA,
    OF_PROMETHEUS,
    OPERATIONS,
    RULES_TESTS,
    alerts,
    dashboards,
    documented,
    expressions,
    family,
    grouped,
    selected,
)

if TYPE_CHECKING:
    from tests.conversation import Actor, Town


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Give the names of all metrics of a bot."""
    metrics = Metrics()
    Gauges(metrics.registry)
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in metrics.registry.collect()}


def test_rules_and_dashboard_name_only_metrics_that_the_bot_has(known: set[str]) -> None:
    named = {family(name) for expression in expressions() for name, _ in selected(expression)}
    assert len(named) > 15
    assert named - known - OF_PROMETHEUS.keys() == set()


def test_every_metric_of_the_bot_is_on_the_page_for_operators_and_no_other(known: set[str]) -> None:
    assert documented().keys() == known


def test_rules_and_dashboard_ask_only_for_labels_that_the_metric_has() -> None:
    labels = documented() | OF_PROMETHEUS
    for expression in expressions():
        for name, by in selected(expression):
            assert by <= labels[family(name)] | BY_PROMETHEUS, expression
        owned = set().union(*(labels[family(name)] for name, _ in selected(expression)))
        assert grouped(expression) <= owned | BY_PROMETHEUS, expression


async def test_the_page_for_operators_names_the_labels_that_a_scrape_shows(town: Town, anna: Actor) -> None:
    await anna.submit()
    town.emulator.push_raw({"message": 5})
    await town.until_idle()
    town.app.gauges.show(await town.app.health.inspect(), await town.app.health.checks())
    shown: dict[str, set[str]] = {}
    for metric in town.app.metrics.registry.collect():
        for sample in metric.samples:
            shown[family(sample.name)] = {*sample.labels} - BY_PROMETHEUS
    assert shown == documented()


def test_every_outcome_of_a_transition_is_on_the_page_for_operators() -> None:
    row = next(line for line in OPERATIONS.splitlines() if line.startswith("| `request_transitions_total`"))
    assert {*OUTCOMES} <= {*re.findall(r"`(\w+)`", row)}


def test_every_alert_says_what_is_wrong_how_bad_it_is_and_where_to_read_what_to_do() -> None:
    headings = [line.removeprefix("### ") for line in OPERATIONS.splitlines() if line.startswith("### Zavhoz")]
    assert headings == [rule["alert"] for rule in alerts()]
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"


def test_every_alert_is_tested_to_fire_and_to_keep_quiet() -> None:
    tests = yaml.safe_load(RULES_TESTS.read_text(encoding="utf-8"))["tests"]
    asked = [each for test in tests for each in test["alert_rule_test"]]
    for rule in alerts():
        mine = [bool(each.get("exp_alerts")) for each in asked if each["alertname"] == rule["alert"]]
        assert {*mine} == {True, False}, rule["alert"]


def test_every_transition_of_the_shipped_flows_has_a_series_from_the_start() -> None:
    metrics, flows = Metrics(), shipped_flows()
    metrics.expect(flows)
    for transition in flows.lifecycles["request"].transitions:
        labels = {"transition": transition, "outcome": "done"}
        assert metrics.registry.get_sample_value("request_transitions_total", labels) == 0


def test_the_panels_of_the_dashboard_ask_the_provisioned_prometheus_and_do_not_overlap() -> None:
    provisioned = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    (source,) = provisioned["datasources"]
    (dashboard,) = dashboards()
    cells: Counter[tuple[int, int]] = Counter()
    for panel in dashboard["panels"]:
        assert panel["type"] == "row" or panel["datasource"]["uid"] == source["uid"]
        place = panel["gridPos"]
        columns, lines = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells.update((column, line) for column in columns for line in lines)
    assert max(column for column, _ in cells) < 24
    assert set(cells.values()) == {1}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_prometheus_knows_the_job_that_the_rules_speak_of() -> None:
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert [job["job_name"] for job in config["scrape_configs"]] == ["zavhoz"]
    assert all('job="zavhoz"' in rule["expr"] for rule in alerts())
