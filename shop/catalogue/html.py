"""Product descriptions come from people and from files; only harmless HTML is kept."""

from __future__ import annotations

import re
from html import unescape

import nh3

TAGS = {
    "a", "b", "blockquote", "br", "em", "h3", "h4", "i", "li", "ol", "p", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
# Cells and lines end a sentence: without this, stripping tags would glue two words together.
_BREAKS = re.compile(r"</(?:p|li|h\d|tr|td|th|div)>|<br\s*/?>", re.IGNORECASE)
_EMPTY = re.compile(r"<(p|li|h3|h4|ul|ol)>(?:\s|&nbsp;|<br>)*</\1>")


def cleaned(html: str) -> str:
    """The same text with the tags of `TAGS` only; scripts, styles, handlers and odd links are gone."""
    safe = nh3.clean(
        html.replace("\x00", ""),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return _EMPTY.sub("", safe).strip()


def plain(html: str) -> str:
    """What a description says, without any HTML, in one line."""
    text = nh3.clean(_BREAKS.sub(lambda found: found.group() + " ", html), tags=set())
    return " ".join(unescape(text).split())
