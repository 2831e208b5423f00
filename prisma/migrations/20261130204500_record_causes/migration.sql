-- Each row of the ledger says what changed the drop, who did it and why (docs/adr/0046). The service says so in settings of its
-- transaction, which the trigger reads; none of them is set in a session of psql or Prisma Studio, whose database role is recorded
-- instead.

CREATE TYPE "stock_cause" AS ENUM ('create', 'reserve', 'purchase', 'expire', 'release', 'adjust', 'edit');

-- All null in rows that are older than these columns.
ALTER TABLE "stock_movements"
    -- The first that applies of: create, adjust, purchase, reserve, release, expire, edit.
    ADD COLUMN "cause"           "stock_cause",
    -- One change of a drop may reclaim units and reserve or sell others. With these two, the counts of all causes follow from the
    -- deltas: sold = delta_sold; reserved = delta_reserved + sold + expired + released.
    ADD COLUMN "expired_units"   INTEGER,
    ADD COLUMN "released_units"  INTEGER,
    -- The admin. No foreign key, as for drop_id: see docs/adr/0003.
    ADD COLUMN "actor_id"        UUID,
    -- Of a session of SQL that is not the service's.
    ADD COLUMN "actor_role"      TEXT,
    ADD COLUMN "reason"          TEXT,
    -- The details of the drop that were changed, each with its new value as text.
    ADD COLUMN "changed"         JSONB,
    ADD COLUMN "idempotency_key" TEXT,
    -- Validated by the next migration.
    ADD CONSTRAINT "stock_movements_cause_with_units" CHECK (
        num_nulls("cause", "expired_units", "released_units") IN (0, 3)
    ) NOT VALID,
    ADD CONSTRAINT "stock_movements_units_not_negative" CHECK ("expired_units" >= 0 AND "released_units" >= 0) NOT VALID,
    ADD CONSTRAINT "stock_movements_one_actor" CHECK ("actor_id" IS NULL OR "actor_role" IS NULL) NOT VALID,
    ADD CONSTRAINT "stock_movements_reason_length" CHECK (char_length("reason") BETWEEN 1 AND 500) NOT VALID,
    ADD CONSTRAINT "stock_movements_key_with_actor" CHECK ("idempotency_key" IS NULL OR "actor_id" IS NOT NULL) NOT VALID;

-- Both have entries of the changes that admins make, and none of reservations and purchases.
CREATE UNIQUE INDEX "stock_movements_actor_id_idempotency_key_key" ON "stock_movements" ("actor_id", "idempotency_key")
    WHERE "idempotency_key" IS NOT NULL;
-- For the export of an account. The second condition is always true and stands in its query only: without it, PostgreSQL could use
-- this index to look for an idempotency key, and read every change of the admin.
CREATE INDEX "stock_movements_actor_id_drop_id_version_idx" ON "stock_movements" ("actor_id", "drop_id", "version")
    WHERE "actor_id" IS NOT NULL AND "version" > 0;

-- Settings, all of them for the transaction:
--   drop_inventory.actor    'service', or the id of the admin for whom the service changes the drop. Empty: a session of SQL.
--   drop_inventory.reason   Why. May be set in a session of SQL as well.
--   drop_inventory.key      The Idempotency-Key of the request, for the next change only.
--   drop_inventory.expired  How many of the units that the next change takes from reserved_stock had expired.
CREATE OR REPLACE FUNCTION "drops_write_ledger"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
DECLARE
    d_available INTEGER := NEW.available_stock - coalesce(OLD.available_stock, 0);
    d_reserved  INTEGER := NEW.reserved_stock - coalesce(OLD.reserved_stock, 0);
    d_sold      INTEGER := NEW.sold_stock - coalesce(OLD.sold_stock, 0);
    writer      TEXT    := coalesce(current_setting('drop_inventory.actor', true), '');
    expired     INTEGER := coalesce(nullif(current_setting('drop_inventory.expired', true), ''), '0');
    -- Units reserved, less units released.
    taken       INTEGER;
    released    INTEGER := 0;
    actor       UUID;
    why         TEXT;
    details     JSONB;
    request_key TEXT;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;

    taken := d_reserved + d_sold + expired;
    -- Sales are not taken back, but an edit of the counts may lower them.
    IF taken < 0 AND d_sold >= 0 THEN
        released := -taken;
    END IF;

    IF expired > 0 THEN
        PERFORM set_config('drop_inventory.expired', '', true);
    END IF;

    IF writer <> 'service' THEN
        IF writer <> '' THEN
            actor := writer;
            request_key := nullif(current_setting('drop_inventory.key', true), '');
            PERFORM set_config('drop_inventory.key', '', true);
        ELSIF TG_OP = 'INSERT' THEN
            actor := NEW.created_by;
        END IF;
        why := nullif(current_setting('drop_inventory.reason', true), '');
        IF TG_OP = 'UPDATE' THEN
            SELECT jsonb_object_agg(n.key, n.value) INTO details
            FROM jsonb_each_text(to_jsonb(NEW)) AS n JOIN jsonb_each_text(to_jsonb(OLD)) AS o USING (key)
            WHERE n.value IS DISTINCT FROM o.value
              AND key <> ALL ('{id,total_stock,available_stock,reserved_stock,sold_stock,version,created_at,updated_at,created_by,idempotency_key,request_hash}');
        END IF;
    END IF;

    INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold, available_stock, reserved_stock,
                                 sold_stock, cause, expired_units, released_units, actor_id, actor_role, reason, changed, idempotency_key)
    VALUES (NEW.id, NEW.version, d_available, d_reserved, d_sold, NEW.available_stock, NEW.reserved_stock, NEW.sold_stock,
            (CASE WHEN TG_OP = 'INSERT' THEN 'create'
                  WHEN d_available + d_reserved + d_sold <> 0 OR d_sold < 0 THEN 'adjust'
                  WHEN d_sold > 0 THEN 'purchase'
                  WHEN taken > 0 THEN 'reserve'
                  WHEN released > 0 THEN 'release'
                  WHEN expired > 0 THEN 'expire'
                  ELSE 'edit' END)::stock_cause,
            expired, released, actor, CASE WHEN writer = '' AND actor IS NULL THEN session_user END, why, details, request_key);
    RETURN NULL;
END
$$;

-- It was replaced, and with it this setting: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."drops_write_ledger"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
