"""Drawn portraits of hosts."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from accounts.people.faces import draw_avatar
from tests import cast


def test_a_portrait_is_always_the_same_for_the_same_person_and_they_differ() -> None:
    faces = [draw_avatar(f"host-{number}") for number in range(40)]
    assert faces == [draw_avatar(f"host-{number}") for number in range(40)]
    assert len(set(faces)) > 35
    for face in faces:
        ET.fromstring(face)
    assert "<script" not in draw_avatar('"><script>alert(1)</script>')


@pytest.mark.django_db
def test_hosts_have_a_portrait_and_viewers_have_initials(client: Client) -> None:
    hana, mina = cast.hana(), cast.mina()
    assert mina.avatar_url is None
    assert hana.avatar_url == f"/avatars/{hana.pk}.svg"
    answer = client.get(hana.avatar_url)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/avatars/{mina.pk}.svg").status_code == 404
