"""What the chat refuses, and why."""

from __future__ import annotations

from livestore.base.errors import NotAllowed, NotFound


class Muted(NotAllowed):
    code = "muted"
    message = "You can not write in this show."


class NoSuchMessage(NotFound):
    code = "no_such_message"
    message = "There is no such message."


class NoSuchPerson(NotFound):
    code = "no_such_person"
    message = "There is no such person."


class NotAViewer(NotAllowed):
    code = "not_a_viewer"
    message = "The host and the moderators can not be muted or banned."
