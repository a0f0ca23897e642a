"""Somebody who buys, and everything she can show at a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from accounts.tickets.services import create_api_token, issue_ticket
from shop.models import Stock, Variant
from tests import cast
from tests.emptying import clear
from tests.shop.buying import SHOW
from tests.thin.doors import Answer, Ask, Doors

SECRET = "a1B2" * 8
OTHER = "zZ9y" * 8


@dataclass
class Stage:
    """Mina, what she can show, and five bonnets at 12.99."""

    doors: Doors
    mina: User
    bonnet: Variant
    token: str
    ticket: str
    session: str

    def again(self) -> None:
        clear(connection, "purchase", "offer", "cart", "stock_hold", "stock_movement", "outbox")
        Stock.objects.update(opening=5, on_hand=5, reserved=0, rev=1)

    def body(self, quantity: Any = 1, seen: Any = 1299, **more: Any) -> dict[str, Any]:
        line = {"variant": self.bonnet.pk, "quantity": quantity, "seen_price": seen}
        return {"lines": [line], **more}

    def bearer(self, credentials: str | None = None) -> dict[str, str | None]:
        return {"Authorization": f"Bearer {credentials or self.token}"}

    def cookies(
        self, *, token: str | None = SECRET, secret: str | None = SECRET
    ) -> dict[str, str | None]:
        csrf = f"; csrftoken={secret}" if secret else ""
        return {"Cookie": f"sessionid={self.session}{csrf}", "X-CSRFToken": token}

    def same(self, *asked: Ask) -> list[Answer]:
        return self.doors.same(*(each.raw() for each in asked), before=self.again)

    def one(self, asked: Ask) -> Answer:
        [answer] = self.same(asked)
        return answer


def session_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def set_stage(doors: Doors) -> Stage:
    mina = cast.mina()
    bonnet = cast.variant_of(cast.product(stock=5))
    return Stage(
        doors,
        mina,
        bonnet,
        create_api_token(user=mina),
        "ticket." + issue_ticket(user=mina, channel=SHOW),
        session_of(mina),
    )
