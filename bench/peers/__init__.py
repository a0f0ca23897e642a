"""Others that do the same work, and floors below which nobody gets."""
