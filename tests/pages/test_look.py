"""The design system keeps its promises: contrast, icons, no script inside pages, every tag escapes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.template.loader import get_template
from django.test import Client

from accounts.models import User
from livestore.base.money import Money
from tests import cast

ROOT = Path(settings.ROOT)
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.html"))


def tokens(theme: int) -> dict[str, str]:
    """The colour tokens, 0 for light and 1 for dark; only those that are plain hex."""
    css = (ROOT / "livestore/static/css/tokens.css").read_text()
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", css)
    return found | {name: values[theme] for name, *values in pairs}


def brightness(colour: str) -> float:
    """WCAG 2 relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *[
            (ink, ground)
            for ink in ("ink", "ink-2", "accent-ink")
            for ground in ("paper", "surface", "sunk")
        ],
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("paper", "ink"),
        ("paid", "paid-wash"),
        ("look", "look-wash"),
        ("danger", "danger-wash"),
        ("look", "paper"),
        ("danger", "paper"),
        ("danger", "surface"),
    ],
)
def test_words_can_be_read(ink: str, ground: str, theme: int) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_loads_and_holds_no_script_and_no_handler(path: Path) -> None:
    get_template(str(path).split("/templates/", 1)[1])
    text = path.read_text()
    inline = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", text)
        if "src=" not in tag and "application/json" not in tag
    ]
    assert not inline
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"(?:src|href)=\"https?://", text)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "livestore/static/icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = {
        name for path in TEMPLATES for name in re.findall(r'\{% icon "([\w-]+)"', path.read_text())
    }
    assert named <= drawn
    assert len(named) > 15


def test_every_static_file_that_a_template_names_exists() -> None:
    named = {
        name for path in TEMPLATES for name in re.findall(r'\{% static "([^"]+)"', path.read_text())
    }
    assert not [name for name in sorted(named) if finders.find(name) is None]


def render(source: str, **context: object) -> str:
    return Template("{% load livestore %}" + source).render(Context(context))


def test_a_price_has_a_small_currency_and_a_large_number() -> None:
    assert (
        render("{{ money|price }}", money=Money(129900, "EUR"))
        == '<span class="price"><span class="price-currency">€</span>1,299.00</span>'
    )
    same = render("{{ money|price }}", money={"minor": 129900, "currency": "EUR"})
    assert "1,299.00" in same
    assert render("{{ money|price }}{{ money|price_old }}{{ money|money }}", money=None) == ""


def test_the_tags_escape_what_people_write() -> None:
    nasty = '"><script>alert(1)</script>'
    person = User(username="x", display_name=nasty)
    page = render(
        "{% avatar person %}{% picture url alt %}{% notice text %}",
        person=person,
        url=nasty,
        alt=nasty,
        text=nasty,
    )
    assert "<script>" not in page


@pytest.mark.django_db
def test_pages_bring_their_policy_and_a_lost_page_looks_like_ours() -> None:
    page = Client().get("/nowhere/")
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_menu_shows_each_person_their_doors() -> None:
    def menu(user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.get("/products/").text

    assert "/studio/" in menu(cast.hana())
    assert "/admin/" in menu(cast.ada())
    viewer = menu(cast.mina())
    assert "/studio/" not in viewer
    assert "/admin/" not in viewer


def test_the_page_of_a_broken_server_needs_nothing_from_it() -> None:
    text = (ROOT / "livestore/templates/500.html").read_text()
    assert "{%" not in text
    assert "{{" not in text
