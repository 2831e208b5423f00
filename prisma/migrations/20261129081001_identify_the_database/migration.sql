-- Versions of drops rise within one database only. In one that was recreated, or restored from a backup, they may be lower than
-- those that clients and processes remember; so every snapshot carries the epoch of the database that it was read from.
CREATE TABLE "database_identity" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "database_identity_pkey" PRIMARY KEY ("id")
);
INSERT INTO "database_identity" DEFAULT VALUES;

-- A dump carries the id along. So the epoch is also made of what a restore changes: the database and the table (their OIDs), the
-- transaction that wrote the row (xmin), the server and, after a point-in-time recovery or a failover, the timeline of its log.
-- Where a role may not read the last two, they are left out.
CREATE FUNCTION "database_epoch"() RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    rows_written TEXT;
    server TEXT;
    timeline TEXT;
BEGIN
    -- During a switchover, sessions may reach a server that is not promoted yet: it is no other database.
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby cannot be written to, and has no epoch' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    SELECT string_agg(concat_ws(' ', i.id, i.xmin, i.tableoid), ',' ORDER BY i.id) INTO rows_written FROM database_identity i;
    BEGIN
        SELECT system_identifier INTO server FROM pg_control_system();
    EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
        server := NULL;
    END;
    BEGIN
        timeline := left(pg_walfile_name(pg_current_wal_lsn()), 8);
    EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
        timeline := NULL;
    END;
    RETURN left(md5(concat_ws('/', rows_written, server, timeline,
        (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))), 16);
END
$$;

-- Whatever the search path of a session.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION %1$I."database_epoch"() SET search_path = %1$I, pg_temp', current_schema());
END
$$;
