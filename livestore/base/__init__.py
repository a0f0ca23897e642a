"""What every app may import: errors, money, clock, ids, outbox, environment. Knows no app."""
