"""Benchmarks: `python3 manage.py bench ...`. Nothing of the product imports this; see docs/benchmarks.md."""
