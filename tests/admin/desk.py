"""Opening a page of the admin, and sending its form as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Fields(HTMLParser):
    """The values of the main form, as they stand on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        name = had.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in had:
            self.values[self._select] = had.get("value") or ""
        elif tag == "input" and name:
            kind = had.get("type", "text")
            if kind in {"submit", "file"} or (
                kind in {"checkbox", "radio"} and "checked" not in had
            ):
                return
            self.values[name] = had.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser does not count the first line break after the tag.
            self.values[self._area] = self.values[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""


def opened(client: Client, path: str) -> dict[str, str]:
    """The form's values when the page is opened now."""
    page = client.get(path)
    assert page.status_code == 200, page.status_code
    reader = _Fields()
    reader.feed(page.content.decode())
    return {
        name: value
        for name, value in reader.values.items()
        if name and "__prefix__" not in name and name not in {"csrfmiddlewaretoken", "q", "action"}
    }


def sent(client: Client, path: str, values: dict[str, Any], **changes: Any) -> Any:
    """The page that follows sending the form with these changes."""
    return client.post(path, values | changes | {"_continue": "1"}, follow=True)


def told(page: Any) -> str:
    """All messages and errors of a page, in one text."""
    return page.content.decode()
