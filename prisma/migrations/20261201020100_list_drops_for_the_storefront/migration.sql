-- The order of the storefront (docs/adr/0052): each state of a drop is read from an index that has its order. Columns that change
-- with each hold are in none of them, so that the updates of a drop stay heap-only (docs/adr/0039).
ALTER TABLE "drops"
    -- Whether every unit is sold. It changes with the last sale, and when units are added.
    ADD COLUMN "is_sold_out" BOOLEAN NOT NULL DEFAULT false;

-- The trigger would make a version of each drop.
ALTER TABLE "drops" DISABLE TRIGGER "drops_before_write";
UPDATE "drops" SET "is_sold_out" = true WHERE "sold_stock" = "total_stock";
ALTER TABLE "drops" ENABLE TRIGGER "drops_before_write";

CREATE FUNCTION "drops_set_sold_out"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_sold_out := NEW.sold_stock = NEW.total_stock;
    RETURN NEW;
END
$$;

-- After drops_before_write, whose name comes first. Nearly all changes of a drop meet the condition only.
CREATE TRIGGER "drops_set_sold_out" BEFORE INSERT OR UPDATE ON "drops"
    FOR EACH ROW WHEN (NEW."is_sold_out" IS DISTINCT FROM (NEW."sold_stock" = NEW."total_stock"))
    EXECUTE FUNCTION "drops_set_sold_out"();

-- Drops on sale, by their start and, if they have one, by their end. The times are in an expression that only the list of the
-- storefront uses: other statements find drops by their times in indexes of all drops.
CREATE INDEX "drops_open_start_idx" ON "drops" ("is_sold_out", timezone('UTC', "drop_starts_at") DESC, "id" DESC)
    WHERE "published_at" IS NOT NULL AND "cancelled_at" IS NULL AND "paused_at" IS NULL AND "drop_ends_at" IS NULL;
CREATE INDEX "drops_open_end_idx" ON "drops" ("is_sold_out", timezone('UTC', "drop_ends_at"), "id")
    WHERE "published_at" IS NOT NULL AND "cancelled_at" IS NULL AND "paused_at" IS NULL AND "drop_ends_at" IS NOT NULL;
CREATE INDEX "drops_paused_idx" ON "drops" (timezone('UTC', "paused_at") DESC, "id" DESC)
    WHERE "published_at" IS NOT NULL AND "cancelled_at" IS NULL AND "paused_at" IS NOT NULL;

-- As before, but without a word of is_sold_out, which says nothing that the counts do not say.
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
              AND key <> ALL ('{id,total_stock,available_stock,reserved_stock,sold_stock,version,created_at,updated_at,created_by,idempotency_key,request_hash,is_sold_out}');
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
