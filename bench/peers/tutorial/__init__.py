"""The chat of the Channels tutorial on Daphne, as its second part builds it: one room, a group, one send for each."""
