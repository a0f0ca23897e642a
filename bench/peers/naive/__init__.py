"""A shop as most would first write it in Django: one view, one locked row, the ORM. Needs only Django.

It is run by its own settings, in processes of its own; nothing here imports livestore.
"""
