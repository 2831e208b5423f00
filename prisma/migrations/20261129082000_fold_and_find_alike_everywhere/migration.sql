-- What this schema does depends neither on the locale of the database nor on the search path of a session.

-- Usernames and e-mail addresses are ASCII, and COLLATE "C" folds ASCII alike in every database. By the database's own rules
-- "INFO@" is not "info@" in Turkish, and each could have an account.
DO $$
DECLARE
    "ids" TEXT;
BEGIN
    SELECT string_agg("id"::text, ', ') INTO "ids" FROM (
        SELECT "id" FROM (
            SELECT "id", count(*) OVER (PARTITION BY lower("username" COLLATE "C")) > 1
                      OR count(*) OVER (PARTITION BY lower("email" COLLATE "C")) > 1 AS "taken"
            FROM "users"
        ) AS "accounts" WHERE "taken" LIMIT 10
    ) AS "some";
    IF "ids" IS NOT NULL THEN
        RAISE EXCEPTION 'some accounts share an e-mail address or a username but for upper and lower case; change all but one of each (users.id: %)', "ids"
            USING ERRCODE = 'unique_violation';
    END IF;
END
$$;
DROP INDEX "users_username_key";
CREATE UNIQUE INDEX "users_username_key" ON "users" (lower("username" COLLATE "C"));
DROP INDEX "users_email_key";
CREATE UNIQUE INDEX "users_email_key" ON "users" (lower("email" COLLATE "C"));

-- What a search compares: without upper and lower case, in Unicode's composed form. Upper case, since in lower case a Greek sigma
-- depends on where in the word it stands. The first of these that the server has: ICU's rules without a language, those
-- of PostgreSQL 17 and later, the database's own; without normalisation where the encoding is not UTF-8. ASCII takes a tenth
-- of the time.
DO $$
DECLARE
    "folded" TEXT;
BEGIN
    FOREACH "folded" IN ARRAY ARRAY[
        'normalize(upper($1 COLLATE "und-x-icu"), NFC)',
        'normalize(upper($1 COLLATE "pg_c_utf8"), NFC)',
        'normalize(upper($1), NFC)',
        'upper($1)'
    ] LOOP
        BEGIN
            EXECUTE 'SELECT ' || replace("folded", '$1', '''a''::text');
            EXECUTE format(
                'CREATE FUNCTION "search_key"(TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
                'SELECT CASE WHEN octet_length($1) = char_length($1) THEN upper($1 COLLATE "C") ELSE ' || "folded" || ' COLLATE "C" END'
            );
            EXIT;
        EXCEPTION WHEN undefined_object OR feature_not_supported OR syntax_error THEN
            -- The next one.
        END;
    END LOOP;
END
$$;

-- The one function that names a table: a session of psql or Prisma Studio may have another search path.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."drops_write_ledger"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
