-- The database is the last line: whoever writes (the service, Prisma Studio, psql), stock can neither be oversold
-- nor move without a trace. Nothing here needs more than PostgreSQL 14, and no extension.

CREATE TYPE "user_role" AS ENUM ('user', 'admin');
CREATE TYPE "reservation_status" AS ENUM ('active', 'completed', 'expired', 'released');

CREATE TABLE "users" (
    "id"            UUID           NOT NULL DEFAULT gen_random_uuid(),
    "username"      TEXT           NOT NULL,
    "email"         TEXT           NOT NULL,
    "password_hash" TEXT           NOT NULL,
    "role"          "user_role"    NOT NULL DEFAULT 'user',
    "created_at"    TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at"    TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "users_username_key" ON "users" (lower("username"));
CREATE UNIQUE INDEX "users_email_key" ON "users" (lower("email"));

CREATE TABLE "drops" (
    "id"              UUID           NOT NULL DEFAULT gen_random_uuid(),
    "name"            TEXT           NOT NULL,
    "price"           DECIMAL(10, 2) NOT NULL,
    "total_stock"     INTEGER        NOT NULL,
    "available_stock" INTEGER        NOT NULL, -- filled by drops_before_write when left out
    "reserved_stock"  INTEGER        NOT NULL DEFAULT 0,
    "sold_stock"      INTEGER        NOT NULL DEFAULT 0,
    "version"         INTEGER        NOT NULL DEFAULT 1,
    "image_url"       TEXT,
    -- Truncated: TIMESTAMPTZ(3) rounds, and half of all drops that start now would be scheduled for half a millisecond.
    "drop_starts_at"  TIMESTAMPTZ(3) NOT NULL DEFAULT date_trunc('milliseconds', CURRENT_TIMESTAMP),
    "drop_ends_at"    TIMESTAMPTZ(3),
    "limit_per_user"  INTEGER,
    "paused_at"       TIMESTAMPTZ(3),
    "cancelled_at"    TIMESTAMPTZ(3),
    "created_at"      TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at"      TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "drops_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "drops_stock_adds_up" CHECK ("total_stock" = "available_stock" + "reserved_stock" + "sold_stock"),
    CONSTRAINT "drops_available_stock_not_negative" CHECK ("available_stock" >= 0),
    CONSTRAINT "drops_reserved_stock_not_negative" CHECK ("reserved_stock" >= 0),
    CONSTRAINT "drops_sold_stock_not_negative" CHECK ("sold_stock" >= 0),
    CONSTRAINT "drops_name_length" CHECK (char_length("name") BETWEEN 1 AND 200),
    -- NaN is a numeric, and greater than any other.
    CONSTRAINT "drops_price_not_negative" CHECK ("price" >= 0 AND "price" <> 'NaN'),
    CONSTRAINT "drops_limit_per_user_positive" CHECK ("limit_per_user" >= 1),
    CONSTRAINT "drops_ends_after_start" CHECK ("drop_ends_at" > "drop_starts_at"),
    -- Times that ISO 8601 can write with four digits for the year; "infinity" is none.
    CONSTRAINT "drops_times_in_range" CHECK (
        "drop_starts_at" BETWEEN '1970-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z'
        AND "drop_ends_at" BETWEEN '1970-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z'
    )
);

CREATE INDEX "drops_created_at_id_idx" ON "drops" ("created_at" DESC, "id" DESC);

CREATE TABLE "reservations" (
    "id"              UUID                 NOT NULL DEFAULT gen_random_uuid(),
    "user_id"         UUID                 NOT NULL,
    "drop_id"         UUID                 NOT NULL,
    "status"          "reservation_status" NOT NULL DEFAULT 'active',
    "expires_at"      TIMESTAMPTZ(3)       NOT NULL DEFAULT (clock_timestamp() + '00:01:00'::interval),
    "settled_at"      TIMESTAMPTZ(3),
    "idempotency_key" TEXT,
    "created_at"      TIMESTAMPTZ(3)       NOT NULL DEFAULT clock_timestamp(),
    "updated_at"      TIMESTAMPTZ(3)       NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reservations_settled_when_not_active" CHECK (("status" = 'active') = ("settled_at" IS NULL)),
    -- A hold that never ends would take a unit off the market for good.
    CONSTRAINT "reservations_expires_at_finite" CHECK (isfinite("expires_at")),
    CONSTRAINT "reservations_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "reservations_drop_id_fkey" FOREIGN KEY ("drop_id") REFERENCES "drops" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- What the composite foreign key of purchases points at.
CREATE UNIQUE INDEX "reservations_id_user_id_drop_id_key" ON "reservations" ("id", "user_id", "drop_id");
CREATE UNIQUE INDEX "reservations_user_id_idempotency_key_key" ON "reservations" ("user_id", "idempotency_key");
-- At most one active hold a user and drop.
CREATE UNIQUE INDEX "reservations_active_user_id_drop_id_key" ON "reservations" ("user_id", "drop_id") WHERE "status" = 'active';
-- What the worker asks: which hold ends next, and which of a drop's are overdue. Partial: settled rows cost nothing.
CREATE INDEX "reservations_active_expires_at_idx" ON "reservations" ("expires_at") WHERE "status" = 'active';
CREATE INDEX "reservations_active_drop_id_expires_at_idx" ON "reservations" ("drop_id", "expires_at") WHERE "status" = 'active';

CREATE TABLE "purchases" (
    "id"              UUID           NOT NULL DEFAULT gen_random_uuid(),
    "user_id"         UUID           NOT NULL,
    "drop_id"         UUID           NOT NULL,
    "reservation_id"  UUID           NOT NULL,
    "price"           DECIMAL(10, 2) NOT NULL,
    "idempotency_key" TEXT,
    "created_at"      TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "updated_at"      TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "purchases_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "purchases_price_not_negative" CHECK ("price" >= 0 AND "price" <> 'NaN'),
    CONSTRAINT "purchases_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "purchases_drop_id_fkey" FOREIGN KEY ("drop_id") REFERENCES "drops" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
    -- A purchase's user and drop are its reservation's.
    CONSTRAINT "purchases_reservation_id_user_id_drop_id_fkey" FOREIGN KEY ("reservation_id", "user_id", "drop_id")
        REFERENCES "reservations" ("id", "user_id", "drop_id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

CREATE UNIQUE INDEX "purchases_reservation_id_key" ON "purchases" ("reservation_id");
CREATE UNIQUE INDEX "purchases_user_id_idempotency_key_key" ON "purchases" ("user_id", "idempotency_key");
CREATE INDEX "purchases_drop_id_created_at_id_idx" ON "purchases" ("drop_id", "created_at" DESC, "id" DESC);
CREATE INDEX "purchases_user_id_created_at_id_idx" ON "purchases" ("user_id", "created_at" DESC, "id" DESC);

CREATE TABLE "stock_movements" (
    "drop_id"         UUID           NOT NULL,
    "version"         INTEGER        NOT NULL,
    "delta_available" INTEGER        NOT NULL,
    "delta_reserved"  INTEGER        NOT NULL,
    "delta_sold"      INTEGER        NOT NULL,
    "available_stock" INTEGER        NOT NULL,
    "reserved_stock"  INTEGER        NOT NULL,
    "sold_stock"      INTEGER        NOT NULL,
    "created_at"      TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "stock_movements_pkey" PRIMARY KEY ("drop_id", "version")
);

CREATE INDEX "stock_movements_created_at_idx" ON "stock_movements" ("created_at");

-- The one place that decides what state a drop is in: the first that holds.
CREATE FUNCTION "drop_status"(d "drops") RETURNS TEXT
LANGUAGE sql VOLATILE AS $$
    SELECT CASE
        WHEN d.cancelled_at IS NOT NULL THEN 'cancelled'
        WHEN d.drop_ends_at <= clock_timestamp() THEN 'ended'
        WHEN d.paused_at IS NOT NULL THEN 'paused'
        WHEN d.drop_starts_at > clock_timestamp() THEN 'scheduled'
        WHEN d.available_stock = 0 THEN 'sold_out'
        ELSE 'live'
    END
$$;

CREATE FUNCTION "drops_before_write"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.available_stock := coalesce(NEW.available_stock, NEW.total_stock - NEW.reserved_stock - NEW.sold_stock);
        NEW.version := 1;
        RETURN NEW;
    END IF;

    IF NEW IS NOT DISTINCT FROM OLD THEN
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

CREATE TRIGGER "drops_before_write" BEFORE INSERT OR UPDATE ON "drops"
    FOR EACH ROW EXECUTE FUNCTION "drops_before_write"();

CREATE FUNCTION "drops_write_ledger"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold, available_stock, reserved_stock, sold_stock)
        VALUES (NEW.id, NEW.version, NEW.available_stock, NEW.reserved_stock, NEW.sold_stock, NEW.available_stock, NEW.reserved_stock, NEW.sold_stock);
    ELSIF NEW.version <> OLD.version THEN
        INSERT INTO stock_movements (drop_id, version, delta_available, delta_reserved, delta_sold, available_stock, reserved_stock, sold_stock)
        VALUES (NEW.id, NEW.version,
                NEW.available_stock - OLD.available_stock, NEW.reserved_stock - OLD.reserved_stock, NEW.sold_stock - OLD.sold_stock,
                NEW.available_stock, NEW.reserved_stock, NEW.sold_stock);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "drops_write_ledger" AFTER INSERT OR UPDATE ON "drops"
    FOR EACH ROW EXECUTE FUNCTION "drops_write_ledger"();

CREATE FUNCTION "stock_movements_append_only"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    -- Depth 2 is an INSERT made by another trigger: drops_write_ledger.
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'stock_movements is an append-only ledger that only the trigger on drops writes'
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'stock_movements_append_only';
END
$$;

CREATE TRIGGER "stock_movements_append_only" BEFORE INSERT OR UPDATE OR DELETE ON "stock_movements"
    FOR EACH ROW EXECUTE FUNCTION "stock_movements_append_only"();
CREATE TRIGGER "stock_movements_no_truncate" BEFORE TRUNCATE ON "stock_movements"
    FOR EACH STATEMENT EXECUTE FUNCTION "stock_movements_append_only"();

CREATE FUNCTION "reservations_before_write"() RETURNS TRIGGER
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
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.status <> 'active' AND NEW.settled_at IS NULL THEN
        NEW.settled_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "reservations_before_write" BEFORE INSERT OR UPDATE ON "reservations"
    FOR EACH ROW EXECUTE FUNCTION "reservations_before_write"();

CREATE FUNCTION "touch_updated_at"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE TRIGGER "users_touch_updated_at" BEFORE UPDATE ON "users"
    FOR EACH ROW EXECUTE FUNCTION "touch_updated_at"();
CREATE TRIGGER "purchases_touch_updated_at" BEFORE UPDATE ON "purchases"
    FOR EACH ROW EXECUTE FUNCTION "touch_updated_at"();
