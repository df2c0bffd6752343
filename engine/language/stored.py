"""Pieces of the language that conversations store, read also as other versions of the bot have written them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.language.base import model_in
from engine.language.dialog import Expect


def stored_expect(data: Any) -> Expect | None:
    """Return what a step expected when an album was sent to it; None where that cannot be read.

    Keys that this version does not know are ignored. Version 0.1.0 stored a caption as the name of its variable alone.
    """
    try:
        return Expect.model_validate(_known(Expect, data))
    except ValidationError:
        return None


def _known(model: type[BaseModel], data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    inner = {info.alias or name: model_in(info.annotation) for name, info in model.model_fields.items()}
    return {key: _known(kind, data[key]) if kind else data[key] for key, kind in inner.items() if key in data}
