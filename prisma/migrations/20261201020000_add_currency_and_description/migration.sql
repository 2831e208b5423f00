-- The currency of a drop's price, and its text for buyers (docs/adr/0051). The version that runs beside this migration inserts
-- neither: its drops are in dollars and have no text.
ALTER TABLE "drops"
    -- ISO 4217. The service knows which codes exist.
    ADD COLUMN "currency"    TEXT NOT NULL DEFAULT 'USD',
    ADD COLUMN "description" TEXT,
    ADD CONSTRAINT "drops_currency_code" CHECK ("currency" COLLATE "C" ~ '^[A-Z]{3}$'),
    ADD CONSTRAINT "drops_description_length" CHECK (char_length("description") BETWEEN 1 AND 2000);

-- Holds and purchases keep their price, and the sums of a drop add prices up: all of them are in the currency of the drop.
CREATE FUNCTION "drops_guard_currency"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reserved_stock + OLD.sold_stock + NEW.reserved_stock + NEW.sold_stock > 0
       OR EXISTS (SELECT FROM drop_stats s
                  WHERE s.drop_id = OLD.id AND (s.expired_holds > 0 OR s.released_holds > 0 OR s.revenue > 0))
    THEN
        RAISE EXCEPTION 'the currency of a drop stays once a unit was reserved'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_currency_stays';
    END IF;
    RETURN NEW;
END
$$;

-- Statements that do not set the currency, as those of reservations and purchases, do not run it.
CREATE TRIGGER "drops_guard_currency" BEFORE UPDATE OF "currency" ON "drops"
    FOR EACH ROW WHEN (NEW."currency" IS DISTINCT FROM OLD."currency") EXECUTE FUNCTION "drops_guard_currency"();

-- It names a table: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."drops_guard_currency"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;

-- As before, but a change of stock is seen by its counts: comparing whole rows would read a long description from its own table in
-- each stock transaction.
CREATE OR REPLACE FUNCTION "drops_before_write"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.available_stock := coalesce(NEW.available_stock, NEW.total_stock - NEW.reserved_stock - NEW.sold_stock);
        NEW.version := 1;
        RETURN NEW;
    END IF;

    IF (NEW.available_stock, NEW.reserved_stock, NEW.sold_stock) = (OLD.available_stock, OLD.reserved_stock, OLD.sold_stock)
       AND NEW IS NOT DISTINCT FROM OLD
    THEN
        RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a drop never changes'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_id_never_changes';
    END IF;
    -- Prisma Studio saves one cell at a time: a new total alone is put on sale, or taken off it.
    IF NEW.total_stock <> OLD.total_stock
       AND (NEW.available_stock, NEW.reserved_stock, NEW.sold_stock) = (OLD.available_stock, OLD.reserved_stock, OLD.sold_stock)
    THEN
        NEW.available_stock := OLD.available_stock + NEW.total_stock - OLD.total_stock;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
