"""Logs, metrics, reports to Sentry."""
