"""livestore: a simulated livestream shopping platform. This package wires the apps and owns no business rule."""
