-- The life cycle of a drop. Its status follows from a few facts and the database's clock; each fact is one column.

-- A drop is a draft until it is published. The drops that exist are published.
ALTER TABLE "drops"
    ADD COLUMN "published_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    -- How long a hold of this drop lasts. NULL: as long as the setting RESERVATION_TTL_SECONDS says.
    ADD COLUMN "hold_seconds" INTEGER,
    ADD CONSTRAINT "drops_draft_is_untouched" CHECK (
        "published_at" IS NOT NULL
        OR ("paused_at" IS NULL AND "cancelled_at" IS NULL AND "reserved_stock" = 0 AND "sold_stock" = 0)
    ),
    ADD CONSTRAINT "drops_hold_seconds_in_range" CHECK ("hold_seconds" BETWEEN 10 AND 900);

-- The one place that decides the status of a drop: the first that applies.
CREATE OR REPLACE FUNCTION "drop_status"(d "drops") RETURNS TEXT
LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN d.published_at IS NULL THEN 'draft'
        WHEN d.cancelled_at IS NOT NULL THEN 'cancelled'
        WHEN d.drop_ends_at <= clock_timestamp() THEN 'ended'
        WHEN d.paused_at IS NOT NULL THEN 'paused'
        WHEN d.drop_starts_at > clock_timestamp() THEN 'scheduled'
        WHEN d.available_stock = 0 THEN 'sold_out'
        ELSE 'live'
    END
$$;

-- What cannot be undone, in SQL by hand as well: clients know a published drop, and the holds of a cancelled one are released.
CREATE FUNCTION "drops_guard_life_cycle"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NULL THEN
            RAISE EXCEPTION 'a drop is cancelled for good'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_cancelled_for_good';
        END IF;
        IF OLD.published_at IS NOT NULL AND NEW.published_at IS DISTINCT FROM OLD.published_at THEN
            RAISE EXCEPTION 'a drop is published once, and not withdrawn'
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_published_for_good';
        END IF;
        IF OLD.published_at IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    -- The time of the write, not of the beginning of the transaction: the ledger poller finds publications by it.
    IF NEW.published_at IS NOT NULL THEN
        NEW.published_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "drops_guard_life_cycle" BEFORE INSERT OR UPDATE OF "published_at", "cancelled_at" ON "drops"
    FOR EACH ROW EXECUTE FUNCTION "drops_guard_life_cycle"();
