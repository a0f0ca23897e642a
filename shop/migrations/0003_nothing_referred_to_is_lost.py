"""The other half of foreign keys without a constraint: whoever loses a row pays for the check, not every new order.

A person, a variant, an offer or an order that something of the shop refers to can not be deleted, and keeps its
id. Checked at COMMIT: by then the deleting transaction holds the row (or, for variants, its stock row) that the
checkout locks, so either the new order is visible here or the checkout finds nothing to sell. Nobody locks people;
there the table of orders is what both meet at (`reading.meet_deletions`). ADR 0010 has the argument.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION shop_refers_to_it() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id = OLD.id THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'person' THEN
        -- Without a place in the queue: nobody who sells has to wait behind somebody who deletes.
        FOR try IN 1 .. 200 LOOP
            BEGIN
                LOCK TABLE purchase IN SHARE MODE NOWAIT;
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                IF try = 200 THEN RAISE; END IF;
                PERFORM pg_sleep(0.02);
            END;
        END LOOP;
    END IF;
    FOR place IN 0 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I = $1)', TG_ARGV[place], TG_ARGV[place + 1])
           INTO found USING OLD.id;
        IF found THEN
            RAISE EXCEPTION '% % is still referred to by %', TG_TABLE_NAME, OLD.id, TG_ARGV[place]
                USING ERRCODE = 'foreign_key_violation', TABLE = TG_ARGV[place], COLUMN = TG_ARGV[place + 1];
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER shop_refers_to_person AFTER DELETE OR UPDATE OF id ON person
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION shop_refers_to_it('purchase', 'user_id', 'offer_use', 'user_id');
CREATE CONSTRAINT TRIGGER shop_refers_to_variant AFTER DELETE OR UPDATE OF id ON variant
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION shop_refers_to_it('purchase_line', 'variant_id', 'stock_hold', 'variant_id');
CREATE CONSTRAINT TRIGGER shop_refers_to_offer AFTER DELETE OR UPDATE OF id ON offer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION shop_refers_to_it('purchase_line', 'offer_id', 'offer_use', 'offer_id');
CREATE CONSTRAINT TRIGGER shop_refers_to_order AFTER DELETE OR UPDATE OF id ON purchase
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION shop_refers_to_it('purchase_line', 'order_id', 'purchase_move', 'order_id');
"""
BACKWARD = """
DROP TRIGGER shop_refers_to_person ON person;
DROP TRIGGER shop_refers_to_variant ON variant;
DROP TRIGGER shop_refers_to_offer ON offer;
DROP TRIGGER shop_refers_to_order ON purchase;
DROP FUNCTION shop_refers_to_it();
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_movements_are_only_added"), ("accounts", "0001_people")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
