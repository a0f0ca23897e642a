"""The stock ledger is append-only: PostgreSQL itself refuses to change or remove a line."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION stock_movement_is_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movements are only added, never changed or removed'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stock_movement_is_only_added BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_is_only_added();
"""
BACKWARD = """
DROP TRIGGER stock_movement_is_only_added ON stock_movement;
DROP FUNCTION stock_movement_is_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_catalogue_and_sales")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
