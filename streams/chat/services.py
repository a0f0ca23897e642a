"""Keeping order: who may not write, who may not come in, and which message is gone."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from livestore.base.errors import NotAllowed
from livestore.base.outbox import Fact, record
from streams.chat.errors import NoSuchMessage, NoSuchPerson, NotAViewer
from streams.models import ArchivedEvent, Restriction, Show
from streams.room import archive
from streams.shows.selectors import Role, role_of, show_by_slug

Kind = Restriction.Kind


def tender_of(*, show_slug: str, by: int) -> tuple[Show, User, Role]:
    """The show, and who keeps order in it as what. Raises NoSuchShow, NotAllowed."""
    show = show_by_slug(show_slug)
    user = User.objects.filter(pk=by).first()
    role = role_of(show, user)
    if user is None or role == "viewer":
        raise NotAllowed("Only the host and the moderators can do that.")
    return show, user, role


def mute(*, show_slug: str, by: int, user: int) -> None:
    """This person reads on but does not write any more in this show. Raises as `_restrict`."""
    _restrict(show_slug, by, user, Kind.MUTE)


def ban(*, show_slug: str, by: int, user: int) -> None:
    """This person is sent out of the room and does not come in again. Raises as `_restrict`."""
    _restrict(show_slug, by, user, Kind.BAN)


def _restrict(show_slug: str, by: int, user: int, kind: Kind) -> None:
    """Raises NoSuchShow, NotAllowed, NoSuchPerson, NotAViewer. A second time changes nothing."""
    with transaction.atomic():
        show, tender, _ = tender_of(show_slug=show_slug, by=by)
        person = User.objects.filter(pk=user).first()
        if person is None:
            raise NoSuchPerson
        if role_of(show, person) != "viewer":
            raise NotAViewer
        _, new = Restriction.objects.get_or_create(
            show=show, user=person, kind=kind, defaults={"by": tender}
        )
        if new:
            record([_fact(show, person, kind, True)])


def lift(*, show_slug: str, by: int, user: int) -> None:
    """Forgive: mute and ban of this person in this show are gone. Raises NoSuchShow, NotAllowed."""
    with transaction.atomic():
        show, _, _ = tender_of(show_slug=show_slug, by=by)
        person = User.objects.filter(pk=user).first()
        gone = Restriction.objects.filter(show=show, user_id=user)
        if person is not None and gone.filter(kind=Kind.MUTE).exists():
            record([_fact(show, person, Kind.MUTE, False)])
        gone.delete()


def _fact(show: Show, person: User, kind: Kind, on: bool) -> Fact:
    if kind == Kind.BAN:
        return Fact("streams.banned", {}, channel=show.slug, person=person.pk)
    data = {"type": "you.muted", "data": {"show": show.slug, "muted": on}}
    return Fact("streams.direct", data, channel=show.slug, person=person.pk)


def archived_message(*, show_slug: str, epoch: str, seq: int) -> bool:
    """Whether a chat message that is no longer in the log is deleted. Raises NoSuchMessage."""
    row = ArchivedEvent.objects.filter(
        show__slug=show_slug, epoch=epoch, seq=seq, type="chat.message"
    ).first()
    if row is None:
        raise NoSuchMessage
    return bool(row.data["deleted"])


def bury_earlier(*, show_slug: str, epoch: str, seq: int) -> bool:
    """Delete the text of a message from before `epoch` began, by the seq it is told with.

    False when that was done before. Raises NoSuchMessage.
    """
    row = archive.earlier_message(show_slug, epoch, seq)
    if row is None:
        raise NoSuchMessage
    if row.data["deleted"]:
        return False
    return archive.bury(show_slug, row.epoch, [row.seq]) > 0
