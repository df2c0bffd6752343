"""Checks of bounds: some text fits both of them."""

from collections.abc import Iterator

from engine.i18n import message
from engine.language.dialog import Caption, Expect, TextInput
from engine.reading.catalog import Catalog, KeyPath


def check_bounds(catalog: Catalog) -> None:
    """Report a "min" over its "max", or over the one that holds where there is none."""
    for step in catalog.steps().values():
        _check_expect(catalog, step.step.expect, step.path.inside("expect"))
    for file in catalog.files():
        for index, entry in enumerate(file.anywhere):
            if entry.expect:
                _check_expect(catalog, entry.expect, KeyPath(file.flow, ("anywhere", index, "expect")))


def _check_expect(catalog: Catalog, expect: Expect, path: KeyPath) -> None:
    for bounds, written, where in _bounds(expect, path):
        if bounds.min > bounds.max and written:
            what = message(
                "no text has at least {least} and at most {most} characters", least=bounds.min, most=bounds.max
            )
            catalog.report(where.inside(written[0]), what, message('raise "max", or lower "min"'))


def _bounds(expect: Expect, path: KeyPath) -> Iterator[tuple[TextInput, list[str], KeyPath]]:
    """Yield the bounds of typed words and of captions, and which of them are written there."""
    if expect.text:
        yield expect.text, _written(expect.text), path.inside("text")
    for kind in ("photo", "document"):
        file = expect.file(kind)
        if file and file.caption:
            yield expect.caption_bounds(file.caption), _written(file.caption), path.inside(kind, "caption")


def _written(bounds: TextInput | Caption) -> list[str]:
    return [key for key in ("min", "max") if key in bounds.model_fields_set]
