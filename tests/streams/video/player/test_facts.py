"""What a room's page is told of its picture."""

from __future__ import annotations

import json
import re

from django.test import Client

from streams.video.sources import choose
from tests import cast


def test_the_page_says_that_a_picture_is_expected_once_the_host_has_chosen_a_source(
    db: None, client: Client
) -> None:
    show = cast.show(cast.hana(), cast.product("bonnet"), live=True)

    def told() -> dict[str, bool]:
        page = client.get(f"/shows/{show.slug}/").content.decode()
        found = re.search(r'id="room-config" type="application/json">(.*?)</script>', page)
        assert found is not None
        facts: dict[str, bool] = json.loads(found[1])["video"]
        return facts

    assert told()["live"]
    assert not told()["expected"]
    choose(show_slug=show.slug, by=show.host, source="browser")
    assert told()["expected"]
