"""Which sites may show the player: what hosts may write, and what browsers are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from livestore.base.errors import Invalid
from streams.models import Show
from streams.shows.errors import NotYourShow
from streams.video.embed.origins import NotAnOrigin, normalised
from streams.video.embed.services import MOST, set_origins
from streams.video.models import Picture
from tests import cast

SLUG = "evening-edit"
EMBED = f"/embed/{SLUG}"


@pytest.fixture
def show(db: None) -> Show:
    return cast.show(cast.hana(), cast.product("bonnet"), live=True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example:443/ ", "https://shop.example"),
        ("shop.example", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://blumen-müller.de", "https://xn--blumen-mller-klb.de"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_a_site_is_kept_as_browsers_compare_it(typed: str, kept: str) -> None:
    assert normalised(typed, local=True) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://shop.example",
        "ftp://shop.example",
        "*",
        "https://*.example.com",
        "'self'",
        "data:text/html,x",
        "javascript:alert(1)",
        "https://shop.example/page",
        "https://shop.example?x",
        "https://me:secret@shop.example",
        "https://10.0.0.1",
        "https://127.1",
        "https://[::1]",
        "https://shop",
        "https://shop.example:99999",
        "https://-shop.example",
        "https://shop.example; script-src *",
        "https://shop.example,https://other.example",
        "https://shop.example\r\nX-Evil: 1",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 140 + "example",
    ],
)
def test_anything_else_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(NotAnOrigin, match=r"\w+"):
        normalised(typed, local=True)


@pytest.mark.parametrize("typed", ["http://localhost:3000", "http://127.0.0.1"])
def test_this_machine_is_a_site_in_the_demo_only(typed: str) -> None:
    with pytest.raises(NotAnOrigin, match="https"):
        normalised(typed, local=False)


def test_the_list_is_kept_each_once_and_in_order(show: Show) -> None:
    kept = set_origins(
        show_slug=SLUG,
        by=show.host,
        origins=["b.example", "https://a.example", "https://B.example/"],
    )
    assert kept == ["https://b.example", "https://a.example"]
    assert Picture.objects.get().embed_origins == kept
    assert set_origins(show_slug=SLUG, by=show.host, origins=[]) == []


def test_one_wrong_site_is_named_and_nothing_changes(show: Show) -> None:
    set_origins(show_slug=SLUG, by=show.host, origins=["a.example"])
    with pytest.raises(Invalid) as refused:
        set_origins(show_slug=SLUG, by=show.host, origins=["b.example", "http://c.example"])
    assert refused.value.fields == {"origins.1": "The site has to be on https."}
    assert Picture.objects.get().embed_origins == ["https://a.example"]


def test_there_is_room_for_so_many_and_not_one_more(show: Show) -> None:
    sites = [f"https://site-{number}.example" for number in range(MOST + 1)]
    assert set_origins(show_slug=SLUG, by=show.host, origins=[*sites[:MOST], sites[0]])
    with pytest.raises(Invalid, match="invalid"):
        set_origins(show_slug=SLUG, by=show.host, origins=sites)


def test_only_the_host_decides(show: Show) -> None:
    with pytest.raises(NotYourShow):
        set_origins(show_slug=SLUG, by=cast.mina(), origins=["a.example"])


def policy(client: Client, path: str) -> tuple[str, Any]:
    """Who may frame a page: what its policy says, and X-Frame-Options."""
    response = client.get(path)
    assert response.status_code == 200
    said = response["Content-Security-Policy"].split("; ")
    [framed] = [each for each in said if each.startswith("frame-ancestors")]
    assert "script-src 'self'" in said
    return framed, response.get("X-Frame-Options")


def test_only_the_embed_can_be_framed_and_only_by_the_list(show: Show) -> None:
    client = Client()
    assert policy(client, EMBED) == ("frame-ancestors 'none'", None)
    set_origins(show_slug=SLUG, by=show.host, origins=["a.example", "http://localhost:1"])
    assert policy(client, EMBED) == ("frame-ancestors https://a.example http://localhost:1", None)
    for path in (f"/shows/{SLUG}/", "/", "/login/"):
        assert policy(client, path) == ("frame-ancestors 'none'", "DENY")


def test_the_embed_needs_no_cookie_and_knows_nobody(show: Show) -> None:
    guest, known = Client(), Client()
    known.force_login(cast.mina())
    pages = [client.get(EMBED) for client in (guest, known)]
    assert not any(page.cookies for page in pages)
    assert not any("Cookie" in page.get("Vary", "") for page in pages)
    assert "Mina" not in pages[1].text


def test_a_draft_is_nothing_to_embed_not_even_for_its_host(show: Show) -> None:
    Show.objects.update(state=Show.State.DRAFT)
    client = Client()
    client.force_login(show.host)
    assert client.get(EMBED).status_code == 404
    assert client.get("/embed/nothing").status_code == 404


def test_the_title_of_a_show_can_not_break_out_of_the_embed(show: Show) -> None:
    Show.objects.update(title="</script><img src=x onerror=alert(1)>")
    assert "<img src=x" not in Client().get(EMBED).text


def test_the_host_finds_list_and_code_in_the_studio(show: Show) -> None:
    set_origins(show_slug=SLUG, by=show.host, origins=["a.example"])
    client = Client()
    client.force_login(show.host)
    page = client.get(f"/studio/{SLUG}/").text
    assert '["https://a.example"]' in page
    assert f'data-address="http://testserver{EMBED}"' in page
    answer = client.put(
        f"/api/v1/shows/{SLUG}/picture/embeds",
        {"origins": ["http://a.example"]},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"] == {"origins.0": "The site has to be on https."}
