-- While no hold is active, the workers sleep for seconds and hold an advisory lock exclusively. The first hold of a drop, whichever
-- process or session of psql makes it, then wakes them. The lock is taken shared here: it conflicts with that of a worker only. If no
-- worker sleeps, no notification is sent: PostgreSQL commits transactions that have one after each other. See docs/adr/0040.

CREATE FUNCTION "drops_notify_first_hold"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(4067243101) THEN
        PERFORM pg_notify('drop_inventory_first_hold', '');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "drops_notify_first_hold" AFTER UPDATE ON "drops"
    FOR EACH ROW
    WHEN (OLD."reserved_stock" = 0 AND NEW."reserved_stock" > 0)
    EXECUTE FUNCTION "drops_notify_first_hold"();
