"""The player and the pinned card on another site."""
