"""What can go wrong with a peer."""

from __future__ import annotations


class NotMeasured(Exception):
    """A peer could not be run here; the message is one sentence for people."""
