"""django-oscar's own order placement, in process. Runs with the interpreter of bench.peers.virtualenv only."""
