"""Making many simulated people fast: real rows with an address and a card that pays."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import connection, transaction

from accounts.people.cards import PAYS
from accounts.people.crowd import Passer, crowd
from accounts.people.models import Address, Card, User
from livestore.base.errors import Invalid, NotAllowed

BATCH = 5_000
MANY = 1_000
"""From here on the planner has to be told: figures gathered on an empty table choose bad plans for minutes."""
# One statement instead of a model object for each row, which costs six times as much.
INSERT = """
WITH passer AS (
  SELECT * FROM unnest(%(usernames)s::text[], %(names)s::text[], %(passwords)s::text[], %(streets)s::text[],
                       %(codes)s::text[], %(cities)s::text[]) AS p (username, name, password, street, code, city)
), made AS (
  INSERT INTO person (username, display_name, password, is_simulated, is_host, is_staff, is_superuser,
                      is_active, first_name, last_name, email, date_joined)
  SELECT username, name, password, true, false, false, false, true, '', '', '', now() FROM passer
  RETURNING id, username
), housed AS (
  INSERT INTO address (user_id, full_name, line1, line2, postal_code, city, country)
  SELECT made.id, name, street, '', code, city, 'DE' FROM made JOIN passer USING (username)
), paying AS (
  INSERT INTO card (user_id, number, expires) SELECT id, %(card)s, %(expires)s FROM made
)
SELECT id FROM made
"""


def check_simulating(count: int = 1) -> None:
    """`NotAllowed` outside the demo, `Invalid` for fewer than one."""
    if not settings.DEMO:
        raise NotAllowed("Simulated buyers are only made in the demo.")
    if count < 1:
        raise Invalid(fields={"count": "Please ask for at least one of them."})


def make_simulated_people(count: int) -> list[int]:
    """`count` new simulated people with an address and a card that pays: their ids.

    They can not log in, but tickets can be issued to them. Only in the demo and in tests (`NotAllowed`).
    Each 5,000 are one transaction; 18,000 take a second or two.
    """
    check_simulating(count)
    ids: list[int] = []
    while len(ids) < count:
        ids += _make(crowd(min(BATCH, count - len(ids))))
    if count >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(
                f"ANALYZE {', '.join(model._meta.db_table for model in (User, Address, Card))}"
            )
    return ids


def _make(people: list[Passer]) -> list[int]:
    values = {
        "usernames": [person.username for person in people],
        "names": [person.name for person in people],
        # Not a usable password, and different for each: tickets hang on it.
        "passwords": [f"!{secrets.token_urlsafe(30)}" for _ in people],
        "streets": [person.address["line1"] for person in people],
        "codes": [person.address["postal_code"] for person in people],
        "cities": [person.address["city"] for person in people],
        "card": PAYS,
        "expires": Card._meta.get_field("expires").default,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return [row[0] for row in cursor.fetchall()]
