"""What a show refuses, and why. The codes are part of the protocol (docs/shows.md lists them)."""

from __future__ import annotations

from livestore.base.errors import Conflict, NotAllowed, NotFound, Refusal


class NoSuchShow(NotFound):
    code = "no_such_show"
    message = "There is no such show."


class NotYourShow(NotAllowed):
    message = "Only the host of this show can do that."


class NotAHost(NotAllowed):
    message = "Only hosts can plan shows."


class WrongState(Conflict):
    """The show is in a state from which the asked step does not lead on."""

    code = "wrong_state"
    message = "The show can not do that now."


class ShowNotLive(Conflict):
    code = "show_not_live"
    message = "Start the show first."


class NoSuchItem(NotFound):
    code = "no_such_item"
    message = "This number is not in the run of show."


class NothingPinned(Conflict):
    code = "nothing_pinned"
    message = "Nothing is on air right now."


class NothingLeft(Conflict):
    code = "nothing_left"
    message = "Everything in the run of show was shown or is sold out."


class NotInShow(Refusal):
    """A deal is made of what the show sells."""

    code, status = "not_in_show", 409
    message = "This is not in the run of show."


class NoSuchDeal(NotFound):
    code = "no_such_deal"
    message = "There is no such deal in this show."


class SlugTaken(Conflict):
    code, status = "slug_taken", 422
    message = "Another show already has this address. Please choose another one."


class UnknownCommand(Refusal):
    """No such command, or not one of a host."""

    code, status = "unknown_command", 422
    message = "There is no such host command."
