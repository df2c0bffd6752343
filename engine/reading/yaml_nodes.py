"""Nodes of a YAML text: composed from the parser's events, never deeper than a limit.

PyYAML's own composer calls itself for each level, so that a few hundred brackets end it.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import ComposerError

DEPTH = 50
"""How many blocks or brackets may stand inside each other; flows need fifteen."""
TOO_DEEP = "too deep"
SECOND_DOCUMENT = "second document"
UNKNOWN_ALIAS = "unknown alias"

_SPACE = "\0 \n"
_NO_TAG = ""


class SlowLoader(yaml.SafeLoader):
    """PyYAML's own parser: twenty times as slow as libyaml, it says more of a mistake.

    It is of YAML 1.1, where a question mark ends words inside brackets; here it does not, as in YAML 1.2 and libyaml.
    """

    def scan_plain(self) -> yaml.ScalarToken:
        """Return words without quotes."""
        chunks: list[str] = []
        spaces: list[str] = []
        start = end = self.get_mark()
        while self.peek() != "#":
            length = self._word()
            if not length:
                break
            self.allow_simple_key = False
            chunks += [*spaces, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            spaces = self.scan_plain_spaces(self.indent + 1, start) or []
            if not spaces or (not self.flow_level and self.column < self.indent + 1):
                break
        return yaml.ScalarToken("".join(chunks), True, start, end)

    def _word(self) -> int:
        """Return the length of the word that begins here."""
        after_colon = _SPACE + (",[]{}" if self.flow_level else "")
        length = 0
        while (character := self.peek(length)) not in _SPACE:
            if character == ":" and self.peek(length + 1) in after_colon:
                break
            if self.flow_level and character in ",[]{}":
                break
            length += 1
        return length


FAST_LOADER: Any = getattr(yaml, "CSafeLoader", SlowLoader)


def compose(text: str) -> yaml.Node | None:
    """Return the root, None where there is none; raises yaml.MarkedYAMLError in the words of `SlowLoader`.

    `text` has no characters that YAML refuses. An alias leads to the node that it names.
    """
    try:
        return _Composer().root(yaml.parse(text, Loader=FAST_LOADER))
    except ComposerError:
        raise
    except yaml.YAMLError:
        return _Composer().root(yaml.parse(text, Loader=SlowLoader))


class _Composer:
    """Puts the nodes of a document together; `open` are those that are not yet complete, outer ones first."""

    def __init__(self) -> None:
        self.open: list[yaml.CollectionNode] = []
        self.anchors: dict[str, yaml.Node] = {}
        self.found: yaml.Node | None = None

    def root(self, events: Iterator[yaml.Event]) -> yaml.Node | None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused(SECOND_DOCUMENT, event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.NodeEvent):
                self._begin(event)
        return self.found

    def _begin(self, event: yaml.NodeEvent) -> None:
        node = self._node(event)
        if self.open:
            self.open[-1].value.append(node)
        else:
            self.found = node
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) == DEPTH:
                raise _refused(TOO_DEEP, event)
            self.open.append(node)

    def _node(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise _refused(UNKNOWN_ALIAS, event)
            return self.anchors[event.anchor]
        begin, end = event.start_mark, event.end_mark
        node: yaml.Node
        if isinstance(event, yaml.ScalarEvent):
            node = yaml.ScalarNode(_NO_TAG, event.value, begin, end, style=event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = yaml.SequenceNode(_NO_TAG, [], begin, end, flow_style=event.flow_style)
        else:
            node = yaml.MappingNode(_NO_TAG, [], begin, end, flow_style=event.flow_style)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _close(self) -> None:
        node = self.open.pop()
        if isinstance(node, yaml.MappingNode):
            # Keys and values came one after another.
            node.value = list(zip(node.value[::2], node.value[1::2], strict=True))


def _refused(why: str, event: Any) -> ComposerError:
    return ComposerError(None, None, why, event.start_mark)
