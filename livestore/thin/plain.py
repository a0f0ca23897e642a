"""Which orders are plain: those whose request holds nothing that needs Django's own, longer way of reading it.

Plain is a matter of the request alone. Whatever is unusual here (a header twice, another content type, a
redirect to https, a host never seen) is not refused: it is simply not ours, and Django judges it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http.cookie import parse_cookie

from accounts.tickets.auth import is_forged
from accounts.tickets.identify import Credentials
from livestore.base.keys import key_of

PATH = "/api/v1/orders"
JSON = {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
LONGEST_BODY = 64 * 1024
MOST_HOSTS = 100

Scope = dict[str, Any]

READ = {
    b"host",
    b"content-type",
    b"content-length",
    b"authorization",
    b"cookie",
    b"idempotency-key",
}
NOT_PLAIN = {b"transfer-encoding", b"expect", b"upgrade", b"content-encoding"}


@dataclass(slots=True)
class PlainOrder:
    """A request that may be answered here: who shows what, under which key, and whether over https."""

    scope: Scope
    credentials: Credentials
    key: UUID
    secure: bool

    def is_forged(self) -> bool:
        """Django's own CSRF check of a session's request; a bearer needs none."""
        return is_forged(ASGIRequest(self.scope, io.BytesIO()))


class PlainReader:
    """Reads requests by the settings of the moment it is made; remembers the hosts that Django has let in."""

    def __init__(self) -> None:
        self._hosts: set[bytes] = set()
        self._is_open = settings.THIN_ORDERS and not _is_unusual()
        self._session_cookie = settings.SESSION_COOKIE_NAME
        self._only_secure = settings.SECURE_SSL_REDIRECT
        self._forwarded, self._https = b"", b""
        if settings.SECURE_PROXY_SSL_HEADER:
            name, value = settings.SECURE_PROXY_SSL_HEADER
            self._forwarded = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
            self._https = value.encode()
        self._read = {*READ, self._forwarded}

    def read(self, scope: Scope) -> PlainOrder | None:
        """A POST to PATH as a plain order, or None: Django's."""
        if not self._is_open or scope.get("query_string") or scope.get("root_path"):
            return None
        headers = self._headers(scope["headers"])
        if headers is None or headers.get(b"content-type") not in JSON:
            return None
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or len(length) > 6 or int(length) > LONGEST_BODY:
            return None
        secure = self._is_secure(scope, headers)
        if self._only_secure and not secure:
            return None
        credentials = self._credentials(headers)
        key = key_of(headers.get(b"idempotency-key", b"").decode("latin1"))
        if credentials is None or not isinstance(key, UUID):
            return None
        if not headers.get(b"host") or not self._is_let_in(scope, headers[b"host"]):
            return None
        return PlainOrder(scope, credentials, key, secure)

    def _is_let_in(self, scope: Scope, host: bytes) -> bool:
        """ALLOWED_HOSTS, judged by Django once for each host."""
        if host in self._hosts:
            return True
        try:
            ASGIRequest(scope, io.BytesIO()).get_host()
        except DisallowedHost:
            return False
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)
        return True

    def _headers(self, pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
        """The headers that matter here, None if one of them is there twice or says that this is not plain."""
        found: dict[bytes, bytes] = {}
        for name, value in pairs:
            if name in self._read:
                if name in found:
                    return None
                found[name] = value
            elif name in NOT_PLAIN:
                return None
        return found

    def _is_secure(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """As HttpRequest.scheme: the proxy's word goes before the connection's own."""
        if (said := headers.get(self._forwarded)) is not None:
            return said.partition(b",")[0].strip() == self._https
        return bool(scope.get("scheme") == "https")

    def _credentials(self, headers: dict[bytes, bytes]) -> Credentials | None:
        """A bearer or a session; who shows both is Django's, which has a word on the session's cookie too."""
        shown = headers.get(b"authorization", b"").decode("latin1")
        session = None
        if b"cookie" in headers:
            session = parse_cookie(headers[b"cookie"].decode("latin1")).get(self._session_cookie)
        if not shown:
            return Credentials(session=session) if session else None
        scheme, _, bearer = shown.partition(" ")
        bearer = bearer.strip()
        if session is not None or scheme.lower() != "bearer" or not bearer:
            return None
        return Credentials(bearer=bearer)


def _is_unusual() -> bool:
    """Settings that change how a request is read, none of which livestore uses: then Django reads them all."""
    return bool(
        settings.USE_X_FORWARDED_HOST
        or settings.FORCE_SCRIPT_NAME
        or settings.PREPEND_WWW
        or settings.DISALLOWED_USER_AGENTS
        or settings.CSRF_USE_SESSIONS
        or settings.SESSION_SAVE_EVERY_REQUEST
    )
