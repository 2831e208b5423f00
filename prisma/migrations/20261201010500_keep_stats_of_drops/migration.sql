-- Sums of a drop that would have to be read from all of its ledger and all of its purchases (docs/adr/0050). They follow from the
-- rows of these two tables alone, whatever writes them, and are added up by triggers in the transaction of the change.
CREATE TABLE "drop_stats" (
    "drop_id"           UUID           NOT NULL,
    "expired_holds"     INTEGER        NOT NULL DEFAULT 0,
    "released_holds"    INTEGER        NOT NULL DEFAULT 0,
    -- The most units that were reserved in one second of the clock.
    "peak_per_second"   INTEGER        NOT NULL DEFAULT 0,
    -- The second of the latest change of holds, and the units that were reserved in it.
    "last_second"       TIMESTAMPTZ(3),
    "last_second_holds" INTEGER        NOT NULL DEFAULT 0,
    "revenue"           DECIMAL(18, 2) NOT NULL DEFAULT 0,

    CONSTRAINT "drop_stats_pkey" PRIMARY KEY ("drop_id"),
    CONSTRAINT "drop_stats_drop_id_fkey" FOREIGN KEY ("drop_id") REFERENCES "drops" ("id") ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT "drop_stats_not_negative" CHECK (
        "expired_holds" >= 0 AND "released_holds" >= 0 AND "peak_per_second" >= 0 AND "last_second_holds" >= 0 AND "revenue" >= 0
    )
);

-- A row is updated by each transaction of its drop, as the row of the drop.
ALTER TABLE "drop_stats" SET (
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_scale_factor = 0.01,
    vacuum_index_cleanup = on
);

CREATE FUNCTION "purchases_add_revenue"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE drop_stats s SET revenue = s.revenue - gone.price
        FROM (SELECT drop_id, sum(price) AS price FROM old_rows GROUP BY drop_id) gone WHERE s.drop_id = gone.drop_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE drop_stats s SET revenue = s.revenue + made.price
        FROM (SELECT drop_id, sum(price) AS price FROM new_rows GROUP BY drop_id) made WHERE s.drop_id = made.drop_id;
    END IF;
    RETURN NULL;
END
$$;

-- Once for each statement: a batch makes up to 256 purchases of one drop.
CREATE TRIGGER "purchases_add_revenue" AFTER INSERT ON "purchases" REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION "purchases_add_revenue"();
CREATE TRIGGER "purchases_change_revenue" AFTER UPDATE ON "purchases" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION "purchases_add_revenue"();
CREATE TRIGGER "purchases_subtract_revenue" AFTER DELETE ON "purchases" REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION "purchases_add_revenue"();

CREATE FUNCTION "stock_movements_add_stats"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
DECLARE
    second   TIMESTAMPTZ := date_trunc('second', NEW.created_at);
    -- Less than 0 only if sales were taken back by hand.
    reserved INTEGER     := greatest(NEW.delta_reserved + NEW.delta_sold + NEW.expired_units + NEW.released_units, 0);
BEGIN
    UPDATE drop_stats s
    SET expired_holds = s.expired_holds + NEW.expired_units,
        released_holds = s.released_holds + NEW.released_units,
        last_second = second,
        last_second_holds = reserved + CASE WHEN s.last_second = second THEN s.last_second_holds ELSE 0 END,
        peak_per_second = greatest(
            s.peak_per_second, reserved + CASE WHEN s.last_second = second THEN s.last_second_holds ELSE 0 END)
    WHERE s.drop_id = NEW.drop_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION "drops_create_stats"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO drop_stats (drop_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;

-- Its lock keeps the stock of all drops as it is until the sums below are committed. After the lock on purchases, as the service
-- takes the two.
CREATE TRIGGER "stock_movements_add_stats" AFTER INSERT ON "stock_movements"
    -- Purchases, edits and changes of the total move no hold that is counted here.
    FOR EACH ROW WHEN (
        NEW."version" > 1
        AND (NEW."expired_units" > 0 OR NEW."released_units" > 0
             OR NEW."delta_reserved" + NEW."delta_sold" + NEW."expired_units" + NEW."released_units" > 0)
    )
    EXECUTE FUNCTION "stock_movements_add_stats"();
CREATE TRIGGER "drops_create_stats" AFTER INSERT ON "drops"
    FOR EACH ROW EXECUTE FUNCTION "drops_create_stats"();

-- The drops that exist. A movement that is older than its cause does not say how many holds expired: the reservations do.
INSERT INTO "drop_stats" ("drop_id", "expired_holds", "released_holds", "peak_per_second", "revenue")
SELECT d."id",
       coalesce(CASE WHEN ledger.is_recorded THEN ledger.expired ELSE holds.expired END, 0),
       coalesce(CASE WHEN ledger.is_recorded THEN ledger.released ELSE holds.released END, 0),
       coalesce(peaks.reserved, 0),
       coalesce(sales.revenue, 0)
FROM "drops" d
LEFT JOIN (
    SELECT drop_id, bool_and(cause IS NOT NULL) AS is_recorded, sum(expired_units) AS expired, sum(released_units) AS released
    FROM stock_movements GROUP BY drop_id) ledger ON ledger.drop_id = d."id"
LEFT JOIN (
    SELECT drop_id, count(*) FILTER (WHERE status = 'expired') AS expired, count(*) FILTER (WHERE status = 'released') AS released
    FROM reservations GROUP BY drop_id) holds ON holds.drop_id = d."id"
LEFT JOIN (
    SELECT drop_id, max(reserved) AS reserved FROM (
        SELECT drop_id,
               sum(greatest(delta_reserved + delta_sold + coalesce(expired_units, 0) + coalesce(released_units, 0), 0)) AS reserved
        FROM stock_movements WHERE version > 1 GROUP BY drop_id, date_trunc('second', created_at)) seconds
    GROUP BY drop_id) peaks ON peaks.drop_id = d."id"
LEFT JOIN (SELECT drop_id, sum(price) AS revenue FROM purchases GROUP BY drop_id) sales ON sales.drop_id = d."id";

-- They name tables: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."purchases_add_revenue"() SET search_path = %1$I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION %1$I."stock_movements_add_stats"() SET search_path = %1$I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION %1$I."drops_create_stats"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
