"""JSON as the databases store it."""

from __future__ import annotations

import json
from typing import Any

# Made once: `json.dumps` with options makes an encoder for every value.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def from_json(text: str) -> Any:
    """Return the stored value; what is no JSON is returned as it is, a text where something else is expected.

    SQLite stores any text as JSON. An error here would be one of the whole statement, and of every other row in it.
    """
    try:
        return json.loads(text)
    except ValueError:
        return text
