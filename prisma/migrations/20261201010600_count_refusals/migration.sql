-- Requests to reserve that were refused, by the code of the problem (docs/adr/0050). Counted in memory by each process, which adds
-- its counts once a second.

-- The foreign keys lead to drop_stats, not to drops: they lock its row FOR KEY SHARE, which would wait for the transactions that
-- lock the drop FOR UPDATE, and those for it.
CREATE TABLE "drop_refusals" (
    "drop_id"  UUID   NOT NULL,
    "code"     TEXT   NOT NULL,
    "refusals" BIGINT NOT NULL,

    CONSTRAINT "drop_refusals_pkey" PRIMARY KEY ("drop_id", "code"),
    CONSTRAINT "drop_refusals_drop_id_fkey" FOREIGN KEY ("drop_id") REFERENCES "drop_stats" ("drop_id") ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT "drop_refusals_positive" CHECK ("refusals" > 0)
);

-- The same by the minute in which they were written. Kept for 90 days.
CREATE TABLE "drop_refusals_by_minute" (
    "drop_id"  UUID           NOT NULL,
    "minute"   TIMESTAMPTZ(3) NOT NULL,
    "code"     TEXT           NOT NULL,
    "refusals" BIGINT         NOT NULL,

    CONSTRAINT "drop_refusals_by_minute_pkey" PRIMARY KEY ("drop_id", "minute", "code"),
    CONSTRAINT "drop_refusals_by_minute_drop_id_fkey" FOREIGN KEY ("drop_id") REFERENCES "drop_stats" ("drop_id") ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT "drop_refusals_by_minute_positive" CHECK ("refusals" > 0)
);
-- For the deletion of old minutes.
CREATE INDEX "drop_refusals_by_minute_minute_idx" ON "drop_refusals_by_minute" ("minute");
