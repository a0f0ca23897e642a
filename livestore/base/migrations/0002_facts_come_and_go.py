"""The outbox as PostgreSQL keeps it: rows live for milliseconds, so nothing is compressed and the dead go soon."""

from django.db import migrations

FORWARD = """
ALTER TABLE outbox ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
                        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 5000);
"""
BACKWARD = """
ALTER TABLE outbox ALTER COLUMN data SET STORAGE EXTENDED;
ALTER TABLE outbox RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
                          toast.autovacuum_vacuum_scale_factor, toast.autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("base", "0001_outbox")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
