"""People: users, roles, follows, address and saved (simulated) card, tickets and API tokens."""
