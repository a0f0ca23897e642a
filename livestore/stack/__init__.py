"""The one-machine stack: embedded PostgreSQL and Valkey, web x n, relay, worker, beat, mock show.

Imports no Django: the supervisor stays small, and starts before there is a database to talk to.
"""
