"""What Prometheus and Grafana are given, and what stands in their expressions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from tests.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
CONFIG = PROMETHEUS / "prometheus.yml"
RULES = PROMETHEUS / "alerts.yml"
RULES_TESTS = PROMETHEUS / "alerts_test.yml"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OF_PROMETHEUS = {"up": set[str](), "ALERTS": {"alertname", "alertstate"}}
"""What Prometheus says by itself, with its labels."""
BY_PROMETHEUS = {"job", "instance", "le"}
"""Labels that it gives to everything it scrapes, and the bounds of histograms."""

_SELECTOR = re.compile(r"\b([a-zA-Z_]\w*)(?:\{([^}]*)\})?(?!\w|\s*\()")
_NO_METRIC = {"by", "job", "le", "or", "and", "unless", "without", "on", "ignoring"}
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


def alerts() -> list[dict[str, Any]]:
    """Return the alert rules."""
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def dashboards() -> list[dict[str, Any]]:
    """Return the dashboards."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))]


def expressions() -> Iterator[str]:
    """Return every expression that asks Prometheus for something."""
    yield from (rule["expr"] for rule in alerts())
    for dashboard in dashboards():
        yield from (each["expr"] for each in dashboard["annotations"]["list"])
        yield from (target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ()))


def documented() -> dict[str, set[str]]:
    """Return the metrics that the page for operators lists, each with its labels."""
    table = OPERATIONS.partition("## Metrics\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    return {name: {*_quoted(row[3])} for row in rows for name in _quoted(row[1])}


def _quoted(words: str) -> list[str]:
    return re.findall(r"`(\w+)`", words)


def family(sample: str) -> str:
    """Return the metric that a sample belongs to, as the page lists it."""
    return re.sub(r"_(bucket|sum|count)$", "", sample)


def selected(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Return the metrics that an expression names, each with the labels it is selected by."""
    bare = re.sub(r"\[\w+\]", "", _GROUPING.sub("", expression))
    for name, matchers in _SELECTOR.findall(bare):
        if name not in _NO_METRIC:
            yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


def grouped(expression: str) -> set[str]:
    """Return the labels that an expression groups by."""
    return {label.strip() for found in _GROUPING.findall(expression) for label in found.split(",")}
