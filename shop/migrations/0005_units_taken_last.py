"""Taking units for orders that were decided and written before the stock was locked.

The last thing that such a transaction does before its COMMIT, and the only thing that others have to wait for. What
it was decided on is compared with what is true under the locks: enough units, the same prices, the same running
offers, none of them over. Otherwise `serialization_failure`, as PostgreSQL itself would say it: nothing has happened,
and the checkout decides again under the locks. ADR 0013.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION shop_take_units(variants bigint[], units integer[], prices bigint[], currencies text[],
                                offers bigint[], revs integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    same integer;
    running bigint[];
    running_revs integer[];
    over boolean;
BEGIN
    PERFORM FROM stock WHERE variant_id = ANY(variants) ORDER BY variant_id FOR UPDATE;
    SELECT coalesce(array_agg(id ORDER BY id), '{}'), coalesce(array_agg(rev ORDER BY id), '{}'),
           coalesce(bool_or(ends_at <= clock_timestamp()), false)
      INTO running, running_revs, over
      FROM (SELECT id, rev, ends_at FROM offer WHERE variant_id = ANY(variants) AND state = 'running'
             ORDER BY id FOR UPDATE) AS locked;
    IF over OR running <> offers OR running_revs <> revs THEN
        RAISE serialization_failure USING MESSAGE = 'an offer is not what it was';
    END IF;
    SELECT count(*) INTO same
      FROM unnest(variants, prices, currencies) AS seen (id, price, currency)
      JOIN variant v ON v.id = seen.id AND v.price_minor = seen.price AND v.currency = seen.currency
      JOIN product p ON p.id = v.product_id AND p.status = 'active';
    IF same <> cardinality(variants) THEN
        RAISE serialization_failure USING MESSAGE = 'a product is not what it was';
    END IF;
    UPDATE stock SET reserved = stock.reserved + asked.units, rev = stock.rev + 1
      FROM unnest(variants, units) AS asked (id, units)
     WHERE stock.variant_id = asked.id AND stock.on_hand - stock.reserved >= asked.units;
    GET DIAGNOSTICS same = ROW_COUNT;
    IF same <> cardinality(variants) THEN
        RAISE serialization_failure USING MESSAGE = 'there are not enough units any more';
    END IF;
END $$;
"""
BACKWARD = """
DROP FUNCTION shop_take_units(bigint[], integer[], bigint[], text[], bigint[], integer[]);
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0004_hot_rows")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
