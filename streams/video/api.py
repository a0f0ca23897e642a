"""The studio's side of the picture over HTTP: which source is on air, the stream key, embeds, captions."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.models import User
from accounts.tickets.auth import caller_of, login_required_auth
from livestore.base.clock import milliseconds
from streams.shows import selectors
from streams.shows.errors import NoSuchShow, NotYourShow
from streams.shows.models import Show
from streams.video import keys, sources
from streams.video.captions import services as captions
from streams.video.embed import services as embed
from streams.video.models import Picture
from streams.video.rtmp import telling

router = Router(tags=["picture"])


class Body(Schema):
    """Closed: a field nobody declared is refused."""

    model_config = ConfigDict(extra="forbid")


class SourceBody(Body):
    source: Literal["", "simulated", "browser", "rtmp"] = Field(
        description="What films the show; empty for nothing."
    )


class EmbedsBody(Body):
    origins: list[str] = Field(
        max_length=50, description="Sites that may show the player: `https://shop.example`."
    )


class CaptionsBody(Body):
    from_notes: bool = Field(
        description="Whether a pin says the first line of its talking points as a caption."
    )


def _show(slug: str, by: User) -> Show:
    """The show, for whoever runs it. Raises NoSuchShow, NotYourShow."""
    show = selectors.show_by_slug(slug)
    if selectors.role_of(show, by) != "host":
        raise NotYourShow if selectors.may_see(show, by) else NoSuchShow
    return show


def _server(request: HttpRequest) -> dict[str, str] | None:
    """What is typed into OBS as the server; None where there is no RTMP door."""
    if not settings.RTMP_PORT:
        return None
    host = request.get_host()
    name = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return {"url": f"rtmp://{name}:{settings.RTMP_PORT}/live"}


def _picture(request: HttpRequest, show: Show) -> dict[str, Any]:
    picture = Picture.objects.filter(show=show).first() or Picture(show=show)
    made = picture.key_made_at
    return {
        "source": picture.source,
        "sending": sources.sending(show.slug),
        "key": {"made_at": milliseconds(made)} if made else None,
        "rtmp": _server(request),
        "sender": telling.told(show.slug),
        "embed_origins": picture.embed_origins,
        "captions_from_notes": picture.captions_from_notes,
    }


@router.get("/shows/{slug}/picture", auth=login_required_auth, summary="How a show is filmed")
def get_picture(request: HttpRequest, slug: str) -> dict[str, Any]:
    """For the host and admins. `source`: what is chosen. `sending`: what the source on air tells of itself, null when
    nobody sends. `key`: when the stream key was made, never the key. `rtmp`: the server for OBS, null where the house
    has none. `sender`: how OBS is doing, `{state: "sending" | "waiting" | "refused", message, at}`, null when it is not
    connected."""
    return _picture(request, _show(slug, caller_of(request).user))


@router.post("/shows/{slug}/picture/source", auth=login_required_auth, summary="Choose the source")
def post_source(request: HttpRequest, slug: str, body: SourceBody) -> dict[str, Any]:
    """Another source that sends now stops within a second or two. Answers as GET."""
    by = caller_of(request).user
    sources.choose(show_slug=slug, by=by, source=body.source)
    return _picture(request, _show(slug, by))


@router.post(
    "/shows/{slug}/picture/key",
    auth=login_required_auth,
    summary="A new stream key",
    response={201: Any},
)
def post_key(request: HttpRequest, slug: str) -> Status[dict[str, Any]]:
    """`{key, url, made_at}`: the only time that the key can be read. An older key stops working at once. `url` is null
    where the house has no RTMP server."""
    by = caller_of(request).in_person()
    key = keys.make_key(show_slug=slug, by=by)
    made = _picture(request, _show(slug, by))
    server = made["rtmp"]
    return Status(
        201, {"key": key, "url": server and server["url"], "made_at": made["key"]["made_at"]}
    )


@router.delete("/shows/{slug}/picture/key", auth=login_required_auth, summary="Revoke the key")
def delete_key(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Who sends with it is sent away within a second or two. Answers as GET."""
    by = caller_of(request).in_person()
    keys.revoke_key(show_slug=slug, by=by)
    return _picture(request, _show(slug, by))


@router.put("/shows/{slug}/picture/embeds", auth=login_required_auth, summary="Who may embed it")
def put_embeds(request: HttpRequest, slug: str, body: EmbedsBody) -> dict[str, Any]:
    """Replaces the list. Answers as GET."""
    by = caller_of(request).in_person()
    embed.set_origins(show_slug=slug, by=by, origins=body.origins)
    return _picture(request, _show(slug, by))


@router.put("/shows/{slug}/picture/captions", auth=login_required_auth, summary="Captions by notes")
def put_captions(request: HttpRequest, slug: str, body: CaptionsBody) -> dict[str, Any]:
    """Answers as GET."""
    by = caller_of(request).user
    captions.set_from_notes(show_slug=slug, by=by, from_notes=body.from_notes)
    return _picture(request, _show(slug, by))
