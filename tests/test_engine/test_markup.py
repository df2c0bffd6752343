"""Telegram's HTML subset: what it makes of a text, and what it refuses in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.markup import Entity, Markup, MarkupError, length, parse


def test_plain_text_has_no_entities() -> None:
    assert parse("Заявка №12") == Markup("Заявка №12")


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("b", "bold"),
        ("strong", "bold"),
        ("i", "italic"),
        ("em", "italic"),
        ("u", "underline"),
        ("ins", "underline"),
        ("s", "strikethrough"),
        ("strike", "strikethrough"),
        ("del", "strikethrough"),
        ("code", "code"),
        ("pre", "pre"),
        ("blockquote", "blockquote"),
        ("tg-spoiler", "spoiler"),
    ],
)
def test_each_simple_tag_becomes_its_entity(tag: str, kind: str) -> None:
    assert parse(f"а <{tag}>бв</{tag}>") == Markup("а бв", (Entity(kind, 2, 2),))


@pytest.mark.parametrize(
    ("html", "entity"),
    [
        ('<a href="https://a.ru/?x=1&amp;y=2">да</a>', Entity("text_link", 0, 2, "https://a.ru/?x=1&y=2")),
        ("<a href='t.me/bot'>да</a>", Entity("text_link", 0, 2, "t.me/bot")),
        ("<a  href = Abc.ru >да</a>", Entity("text_link", 0, 2, "abc.ru")),
        ('<a href="">да</a>', Entity("text_link", 0, 2, "href")),
        ("<blockquote expandable>да</blockquote>", Entity("expandable_blockquote", 0, 2)),
        ('<span class="tg-spoiler">да</span>', Entity("spoiler", 0, 2)),
        ('<tg-emoji emoji-id="53">🙂</tg-emoji>', Entity("custom_emoji", 0, 2, "53")),
        ('<pre><code class="language-python">да</code></pre>', Entity("pre", 0, 2, "python")),
        ('<code class="other">да</code>', Entity("code", 0, 2)),
        ('<b class="unknown" x>да</b>', Entity("bold", 0, 2)),
        ("<B>да</b >", Entity("bold", 0, 2)),
    ],
)
def test_attributes_reach_the_entity(html: str, entity: Entity) -> None:
    assert parse(html).entities == (entity,)


def test_a_code_with_a_language_stays_when_it_does_not_fill_its_pre() -> None:
    html = '<pre>a<code class="language-sql">b</code></pre>'
    assert parse(html).entities == (Entity("pre", 0, 2), Entity("code", 1, 1, "sql"))


def test_outer_entities_come_before_inner_ones() -> None:
    assert parse("<b>а<i>б</i></b>").entities == (Entity("bold", 0, 2), Entity("italic", 1, 1))


def test_an_empty_tag_leaves_nothing() -> None:
    assert parse("а<b></b>") == Markup("а")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("&lt;b&gt; &amp; &quot;", '<b> & "'),
        ("&#1071;&#x42F;&#x1F642;", "ЯЯ🙂"),
        ("&lt;3 &ltb", "<3 &ltb"),
        ("&nbsp; R&D & &#0; &#xD800; &#x110000;", "&nbsp; R&D & &#0; &#xD800; &#x110000;"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_references_are_resolved_and_others_stay(html: str, text: str) -> None:
    assert parse(html) == Markup(text)


def test_offsets_count_utf16_units_as_telegram_does() -> None:
    assert parse("🙂<b>🙂!</b>").entities == (Entity("bold", 2, 3),)
    assert length("🙂й") == 3


@pytest.mark.parametrize(
    ("html", "message", "position"),
    [
        ("да <h1>x</h1>", 'Unsupported start tag "h1" at byte offset 5', 3),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2', 2),
        ("5 <", "Unclosed start tag at byte offset 2", 2),
        ("<b", "Unclosed start tag at byte offset 0", 0),
        ('<a href="x', "Unclosed start tag at byte offset 0", 0),
        ("<a href", "Unclosed start tag at byte offset 0", 0),
        ("<a href=", "Unclosed start tag at byte offset 0", 0),
        ("<b>да", 'Can\'t find end tag corresponding to start tag "b"', 0),
        ("да</b>", "Unexpected end tag at byte offset 4", 2),
        ("<b>x</b", "Unclosed end tag at byte offset 4", 4),
        ("<b>x</b y>", "Unclosed end tag at byte offset 4", 4),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"', 7),
        ('<b ="x">y</b>', 'Empty attribute name in the tag "b" at byte offset 0', 0),
        ("<a href=/x>y</a>", "Unexpected end of name token at byte offset 8", 8),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0', 0),
        ('<span class="red">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0', 0),
    ],
)
def test_what_telegram_refuses_is_refused_in_its_words(html: str, message: str, position: int) -> None:
    with pytest.raises(MarkupError) as refused:
        parse(html)
    assert str(refused.value) == message
    assert refused.value.position == position


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("да <h1>x</h1>", 'there is no tag "h1"'),
        ("<\ue000>x", "no tag begins with this <"),
        ("5 < 6", "no tag begins with this <"),
        ("<b", 'a tag that begins here has no ">" at its end'),
        ("<b>да", 'the tag "b" is never closed'),
        ("да</b>", "a tag is closed here that was never opened"),
        ("<b>x</b", 'the closing tag has no ">" at its end'),
        ("<b><i>x</b></i>", '"b" is closed here, and "i" was opened last'),
        ('<b ="x">y</b>', 'the tag "b" holds a sign that has no place there'),
        ("<a href=/x>y</a>", "the value in a tag needs quotes"),
        ("<span>x</span>", 'the tag "span" is for spoilers only'),
    ],
)
def test_who_writes_flows_is_told_in_other_words_and_what_to_try(html: str, said: str) -> None:
    with pytest.raises(MarkupError) as refused:
        parse(html)
    assert str(refused.value.what) == said
    assert str(refused.value.hint)


def test_a_slash_in_a_tag_is_refused_because_telegram_has_no_self_closing_tags() -> None:
    with pytest.raises(MarkupError, match='Unsupported start tag "b/"'):
        parse("<b/>")
    with pytest.raises(MarkupError, match='Empty attribute name in the tag "b"'):
        parse("<b />")


def test_a_private_use_character_may_stand_for_a_value_in_words_and_links() -> None:
    hole = "\ue000"
    parsed = parse(f'<b>{hole}</b> <a href="https://t.me/{hole}?start={hole}">{hole}</a>')
    assert parsed.text == f"{hole} {hole}"
    assert parsed.entities[1].argument == f"https://t.me/{hole}?start={hole}"


@given(st.text())
def test_escaped_text_comes_out_as_it_went_in(words: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse(f"<i>{escaped}</i>").text == words


@given(st.text(alphabet="<>/ab&;=\"' é🙂"))
def test_any_input_is_either_parsed_or_refused_at_a_position_inside_it(html: str) -> None:
    try:
        parsed = parse(html)
    except MarkupError as refused:
        position = refused.position
    else:
        position = -1
        assert all(entity.offset + entity.length <= length(parsed.text) for entity in parsed.entities)
    assert position < len(html)
