-- Accounts can be disabled and erased, and tokens can be ended before they expire. The rules hold for every writer, because an
-- account that is disabled in psql has to be as closed as one that is disabled by the API. See docs/adr/0034.

ALTER TABLE "users"
    -- A token is valid only with the version that it was issued for. Tokens without a version count as version 0.
    ADD COLUMN "token_version"        INTEGER NOT NULL DEFAULT 0,
    -- Whether ended_tokens has rows of the current version: only then is a token looked up there.
    ADD COLUMN "has_ended_tokens"     BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "disabled_at"          TIMESTAMPTZ(3),
    ADD COLUMN "disabled_by"          UUID,
    ADD COLUMN "disabled_reason"      TEXT,
    ADD COLUMN "erased_at"            TIMESTAMPTZ(3),
    -- Set when the account is disabled, and cleared when its active holds have been released.
    ADD COLUMN "has_holds_to_release" BOOLEAN NOT NULL DEFAULT false,
    ADD CONSTRAINT "users_disabled_by_fkey" FOREIGN KEY ("disabled_by") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE RESTRICT,
    ADD CONSTRAINT "users_token_version_not_negative" CHECK ("token_version" >= 0),
    ADD CONSTRAINT "users_disabled_reason_length" CHECK (char_length("disabled_reason") BETWEEN 1 AND 500),
    ADD CONSTRAINT "users_disabled_details" CHECK (
        "disabled_at" IS NOT NULL OR ("disabled_by" IS NULL AND "disabled_reason" IS NULL AND NOT "has_holds_to_release")
    ),
    -- Nothing of the person is left, and registration accepts neither such a username nor such an e-mail address.
    ADD CONSTRAINT "users_erased_without_person" CHECK (
        "erased_at" IS NULL OR (
            "disabled_at" IS NOT NULL AND "disabled_reason" IS NULL AND "role" = 'user' AND "password_hash" = 'erased'
            AND "username" ~ '^deleted user [0-9a-f]{16}$' AND "email" ~ '^deleted-[0-9a-f]{16}@invalid$'
        )
    );

-- For ON DELETE SET NULL.
CREATE INDEX "users_disabled_by_idx" ON "users" ("disabled_by");
CREATE INDEX "users_has_holds_to_release_idx" ON "users" ("id") WHERE "has_holds_to_release";

-- Tokens that were ended one by one, by their claim jti. A row is needed until its token would have expired.
CREATE TABLE "ended_tokens" (
    "id"         UUID           NOT NULL,
    "user_id"    UUID           NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ended_tokens_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "ended_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);
CREATE INDEX "ended_tokens_user_id_idx" ON "ended_tokens" ("user_id");
CREATE INDEX "ended_tokens_expires_at_idx" ON "ended_tokens" ("expires_at");

-- The last change of each account that may end a socket or change its rooms. Every process polls it. A transaction number is
-- exact where a time is not: a row becomes visible when its transaction commits, whenever it was written. Without a foreign key,
-- because the row of a deleted account has to be read as well.
CREATE TABLE "account_changes" (
    "user_id"        UUID   NOT NULL,
    "transaction_id" BIGINT NOT NULL,

    CONSTRAINT "account_changes_pkey" PRIMARY KEY ("user_id")
);
CREATE INDEX "account_changes_transaction_id_user_id_idx" ON "account_changes" ("transaction_id", "user_id");

CREATE FUNCTION "users_before_access_change"() RETURNS TRIGGER
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

    IF is_disabled THEN
        -- Waits for the transactions that are inserting reservations of this user, which lock the row FOR KEY SHARE: a later
        -- one reads the account as disabled, and an earlier one has committed its hold, which is then found and released.
        PERFORM FROM users u WHERE u.id = OLD.id FOR UPDATE;
        NEW.disabled_at := clock_timestamp();
        NEW.has_holds_to_release := true;
    ELSIF NEW.disabled_at IS NULL THEN
        NEW.disabled_by := NULL;
        NEW.disabled_reason := NULL;
        NEW.has_holds_to_release := false;
    END IF;

    IF is_disabled OR NEW.password_hash <> OLD.password_hash THEN
        NEW.token_version := greatest(NEW.token_version, OLD.token_version + 1);
    END IF;
    -- A token that was ended has an older version now.
    NEW.has_ended_tokens := NEW.token_version = OLD.token_version AND (OLD.has_ended_tokens OR NEW.has_ended_tokens);
    RETURN NEW;
END
$$;

CREATE TRIGGER "users_before_access_change"
    BEFORE UPDATE OF "password_hash", "token_version", "has_ended_tokens", "disabled_at", "erased_at" ON "users"
    FOR EACH ROW EXECUTE FUNCTION "users_before_access_change"();

CREATE FUNCTION "account_changes_write"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
DECLARE
    changed_id UUID;
BEGIN
    IF TG_TABLE_NAME = 'ended_tokens' THEN
        changed_id := NEW.user_id;
        UPDATE users SET has_ended_tokens = true WHERE id = changed_id AND NOT has_ended_tokens;
    ELSE
        changed_id := OLD.id;
    END IF;
    INSERT INTO account_changes (user_id, transaction_id) VALUES (changed_id, pg_current_xact_id()::text::bigint)
    ON CONFLICT (user_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER "users_write_change" AFTER UPDATE ON "users"
    FOR EACH ROW
    WHEN ((OLD."token_version", OLD."has_ended_tokens", OLD."disabled_at", OLD."role")
          IS DISTINCT FROM (NEW."token_version", NEW."has_ended_tokens", NEW."disabled_at", NEW."role"))
    EXECUTE FUNCTION "account_changes_write"();
CREATE TRIGGER "users_write_deletion" AFTER DELETE ON "users"
    FOR EACH ROW EXECUTE FUNCTION "account_changes_write"();
CREATE TRIGGER "ended_tokens_write_change" AFTER INSERT ON "ended_tokens"
    FOR EACH ROW EXECUTE FUNCTION "account_changes_write"();

-- They name tables: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."users_before_access_change"() SET search_path = %1$I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION %1$I."account_changes_write"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
