"""Names and addresses of simulated people: plausible, marked as simulated wherever they are shown."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

NAMES = (
    "Amira Anton Ayla Bea Bruno Carla Cem Clara Dario Dina Elif Emil Enzo Esra Eva Fatou Felix Femi "
    "Finn Freya Gita Greta Hugo Ida Ilja Ines Isa Jana Jonas Juno Kaan Kira Koa Lale Lars Lena Leo "
    "Lia Lior Luca Maja Malik Mara Marta Milo Mira Nadia Nele Nico Nora Noor Olga Omid Otto Paul "
    "Pia Quinn Rafa Rana Rosa Ruben Sami Sara Selma Silas Sofia Suri Tara Tilda Tim Uma Valentin "
    "Vera Vito Wanda Xenia Yara Yusuf Zoe"
)
FIRST = NAMES.split()
LAST = "ABCDEFGHJKLMNOPRSTUVWZ"
STREETS = ("Lindenweg", "Gartenstraße", "Am Markt", "Hafenstraße", "Schulgasse", "Rosenallee")
CITIES = (("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("04109", "Leipzig"),
          ("80331", "München"), ("28195", "Bremen"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passer:
    """A simulated person before they are a user. `address` has the fields of Address."""

    username: str
    name: str
    address: dict[str, str]


def crowd(count: int) -> list[Passer]:
    """`count` people with user names that nobody has yet (64 random bits)."""
    chance = random.Random(secrets.token_bytes(8))
    people = []
    for _ in range(count):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}."
        postal_code, city = chance.choice(CITIES)
        address = {
            "full_name": name,
            "line1": f"{chance.choice(STREETS)} {chance.randint(1, 120)}",
            "postal_code": postal_code,
            "city": city,
            "country": "DE",
        }
        people.append(Passer(f"sim-{secrets.token_hex(8)}", name, address))
    return people
