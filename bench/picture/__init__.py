"""Measuring the picture: a barcode of the time in each frame, read back in real browsers."""
