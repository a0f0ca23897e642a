"""How PostgreSQL keeps what a sale changes all the time.

A row of `stock` or `offer` is written by every batch. Half-full pages leave room for its next versions beside it, so
no index changes (HOT), and old versions are cleared away by whoever comes by. `stock_hold` loses a row with every
payment, and holds what a deal has left.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE stock SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE offer SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE stock_hold SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""
BACKWARD = """
ALTER TABLE stock RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE offer RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE stock_hold RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_nothing_referred_to_is_lost")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
