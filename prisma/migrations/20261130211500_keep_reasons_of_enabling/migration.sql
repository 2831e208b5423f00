-- Who enabled an account again, when and why: until it is disabled the next time.
ALTER TABLE "users"
    ADD COLUMN "enabled_at"     TIMESTAMPTZ(3),
    ADD COLUMN "enabled_by"     UUID,
    ADD COLUMN "enabled_reason" TEXT,
    ADD CONSTRAINT "users_enabled_by_fkey" FOREIGN KEY ("enabled_by") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE RESTRICT,
    ADD CONSTRAINT "users_enabled_reason_length" CHECK (char_length("enabled_reason") BETWEEN 1 AND 500),
    ADD CONSTRAINT "users_enabled_details" CHECK (
        CASE WHEN "enabled_at" IS NULL THEN "enabled_by" IS NULL AND "enabled_reason" IS NULL ELSE "disabled_at" IS NULL END
    );

-- For the export of an account, and for ON DELETE SET NULL.
CREATE INDEX "users_enabled_by_id_idx" ON "users" ("enabled_by", "id");

-- Beside what it did before, the function keeps the details of enabling, refuses leaps of the version, and lets the mark
-- has_ended_tokens be taken away when no ended token is left.
CREATE OR REPLACE FUNCTION "users_before_access_change"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
DECLARE
    is_disabled BOOLEAN := NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL;
BEGIN
    IF OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NULL OR NEW.disabled_at IS NULL) THEN
        RAISE EXCEPTION 'user % is erased for good', OLD.id
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_erased_for_good';
    END IF;
    IF NEW.token_version < OLD.token_version THEN
        RAISE EXCEPTION 'the token version of a user never falls: ended tokens would be valid again'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_token_version_never_falls';
    END IF;
    -- At the highest number of the type, tokens could no longer be ended.
    IF NEW.token_version - 1 > OLD.token_version THEN
        RAISE EXCEPTION 'the token version of a user rises by one: set it to token_version + 1'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_token_version_rises_by_one';
    END IF;

    IF is_disabled THEN
        -- Waits for the transactions that are inserting reservations of this user, which lock the row FOR KEY SHARE: a later
        -- one reads the account as disabled, and an earlier one has committed its hold, which is then found and released.
        PERFORM FROM users u WHERE u.id = OLD.id FOR UPDATE;
        NEW.disabled_at := clock_timestamp();
        NEW.has_holds_to_release := true;
        NEW.enabled_at := NULL;
        NEW.enabled_by := NULL;
        NEW.enabled_reason := NULL;
    ELSIF NEW.disabled_at IS NULL THEN
        NEW.disabled_by := NULL;
        NEW.disabled_reason := NULL;
        NEW.has_holds_to_release := false;
        IF OLD.disabled_at IS NOT NULL THEN
            NEW.enabled_at := clock_timestamp();
        END IF;
    END IF;

    IF is_disabled OR NEW.password_hash <> OLD.password_hash THEN
        NEW.token_version := OLD.token_version + 1;
    END IF;
    IF NEW.token_version <> OLD.token_version THEN
        -- A token that was ended has an older version now.
        NEW.has_ended_tokens := false;
    ELSIF OLD.has_ended_tokens AND NOT NEW.has_ended_tokens THEN
        -- Waits for the transactions that are ending a token of this user: the foreign key locks the row FOR KEY SHARE, before the
        -- trigger of ended_tokens reads the mark. Only READ COMMITTED then reads what they have committed.
        PERFORM FROM users u WHERE u.id = OLD.id FOR UPDATE;
        NEW.has_ended_tokens := current_setting('transaction_isolation') <> 'read committed'
            OR EXISTS (SELECT FROM ended_tokens e WHERE e.user_id = OLD.id);
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION "users_before_insert"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a user is not inserted with the token version %', NEW.token_version
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'users_token_version_rises_by_one';
END
$$;

-- Not 0: data that is restored into the table has other versions.
CREATE TRIGGER "users_before_insert"
    BEFORE INSERT ON "users"
    FOR EACH ROW WHEN (NEW."token_version" > 1000000000)
    EXECUTE FUNCTION "users_before_insert"();

-- Replacing a function removes its settings. It names tables: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."users_before_access_change"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
