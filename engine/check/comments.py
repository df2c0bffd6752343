"""A check of comments beside words: YAML cuts the words off, and nobody sees where."""

import re
from collections.abc import Iterable

from engine.check.texts import Words
from engine.i18n import message
from engine.reading.catalog import Catalog

_COMMENT = re.compile(r"[ \t]+#(\s|$)")


def check_comments(catalog: Catalog, words: Iterable[Words]) -> None:
    """Report words in no quotes with a comment behind them; a `#` without a space after it is reported in reading."""
    for each in words:
        document = catalog.flows[each.path.flow].document
        if each.path.location in document.values:
            position = document.position(each.path.location)
            rest = document.lines[position.line - 1][position.column - 1 :]
            if rest.startswith(each.text) and _COMMENT.match(rest, len(each.text)):
                what = message('everything after "{words}" is a comment to YAML', words=each.text[-20:])
                hint = message("put the words in quotes, or the comment on a line of its own")
                catalog.report(each.path, what, hint)
