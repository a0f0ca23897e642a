"""Origins of other sites, as hosts type them and as a policy needs them. Pure.

What comes out of here goes into a response header, so nothing gets through but letters, digits, dots, hyphens, a colon
and a port.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

LOCAL = {"localhost", "127.0.0.1"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_HOST = 253


class NotAnOrigin(ValueError):
    """Says in a sentence what is wrong."""


def normalised(typed: str, *, local: bool) -> str:
    """`https://shop.example`, whatever way it was typed: with capitals, a slash, the usual port, or no `https://`.

    `local`: http://localhost and http://127.0.0.1 count too. Raises NotAnOrigin.
    """
    text = typed.strip()
    scheme = "http" if local and re.split("[:/]", text)[0].lower() in LOCAL else "https"
    if not text:
        raise NotAnOrigin("Please write the address of a site.")
    if "*" in text:
        raise NotAnOrigin("Name every site in full: a star is not understood.")
    try:
        parts = urlsplit(text if "://" in text else f"{scheme}://{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise NotAnOrigin(f"“{_short(text)}” is not the address of a site.") from error
    if parts.username is not None or "@" in text:
        raise NotAnOrigin("An address of a site has no user name in it.")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise NotAnOrigin(f"Only the site, without a page: {parts.scheme}://{_short(parts.netloc)}")
    name = _host(host, text)
    if parts.scheme == "http" and not (local and name in LOCAL):
        raise NotAnOrigin("The site has to be on https.")
    if parts.scheme not in {"http", "https"}:
        raise NotAnOrigin("The site has to be on https.")
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, usual} else "")


def _host(host: str, typed: str) -> str:
    """In lower case, with the letters that browsers compare (a Punycode name for one with umlauts)."""
    wrong = NotAnOrigin(f"“{_short(typed)}” is not the address of a site.")
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise wrong from error
    labels = name.split(".")
    if len(name) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise wrong
    if name in LOCAL:
        return name
    if _is_address(name) or len(labels) < 2:
        raise NotAnOrigin("Please use the name of the site, such as https://shop.example.")
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.rsplit(".", 1)[-1].isdecimal()
    return True


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
