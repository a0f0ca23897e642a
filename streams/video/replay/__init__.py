"""The replay of a show that is over: its takes as one film, and its room as it was at every moment."""
