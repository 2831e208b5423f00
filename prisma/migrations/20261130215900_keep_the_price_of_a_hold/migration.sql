-- A hold keeps the price that the drop had when it was made, and its purchase takes that price (docs/adr/0046). Null only in
-- reservations that had ended before the column was added.
ALTER TABLE "reservations"
    ADD COLUMN "price" DECIMAL(10, 2),
    -- Both are validated by the next migration. NaN is a numeric, and greater than any other.
    ADD CONSTRAINT "reservations_price_not_negative" CHECK ("price" >= 0 AND "price" <> 'NaN') NOT VALID,
    ADD CONSTRAINT "reservations_price_of_active" CHECK ("price" IS NOT NULL OR "status" <> 'active') NOT VALID;

-- The trigger would date the holds as changed.
ALTER TABLE "reservations" DISABLE TRIGGER "reservations_before_write";
UPDATE "reservations" r SET "price" = (SELECT d."price" FROM "drops" d WHERE d."id" = r."drop_id") WHERE r."settled_at" IS NULL;
ALTER TABLE "reservations" ENABLE TRIGGER "reservations_before_write";

-- The service gives each hold its price. The former version, which may still run, and a session of SQL may leave it out.
CREATE FUNCTION "reservations_set_price"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    -- If there is no such drop, the foreign key refuses the row.
    NEW.price := coalesce((SELECT d.price FROM drops d WHERE d.id = NEW.drop_id), 0);
    RETURN NEW;
END
$$;
CREATE TRIGGER "reservations_set_price" BEFORE INSERT ON "reservations"
    FOR EACH ROW WHEN (NEW."price" IS NULL) EXECUTE FUNCTION "reservations_set_price"();

CREATE OR REPLACE FUNCTION "reservations_before_write"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status <> 'active' AND (NEW.status, NEW.settled_at) IS DISTINCT FROM (OLD.status, OLD.settled_at) THEN
            RAISE EXCEPTION 'reservation % is % for good', OLD.id, OLD.status
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'reservations_settled_for_good';
        END IF;
        IF (NEW.user_id, NEW.drop_id) IS DISTINCT FROM (OLD.user_id, OLD.drop_id) THEN
            RAISE EXCEPTION 'a reservation stays with its user and drop'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'reservations_user_and_drop_stay';
        END IF;
        IF NEW.price IS DISTINCT FROM OLD.price AND OLD.price IS NOT NULL THEN
            RAISE EXCEPTION 'a reservation keeps its price'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'reservations_price_stays';
        END IF;
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.status <> 'active' AND NEW.settled_at IS NULL THEN
        NEW.settled_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;

-- It names a table: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."reservations_set_price"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
