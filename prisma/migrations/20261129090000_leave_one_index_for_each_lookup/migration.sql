-- Holds are found by user, or by drop and deadline. Both indexes had the condition status = 'active', so that PostgreSQL could
-- choose the wrong one. With statistics from a time without active holds it expects both to be empty, and then read every active
-- hold of all drops for each user of a batch. A hold is active while settled_at is NULL (reservations_settled_when_not_active):
-- with another condition for each index, each query has one index that fits.

-- First, for its stronger lock: raising a lock on the table would deadlock with a batch that waits for it.
DROP INDEX "reservations_active_drop_id_expires_at_idx";
CREATE INDEX "reservations_unsettled_drop_id_expires_at_idx" ON "reservations" ("drop_id", "expires_at")
    WHERE "settled_at" IS NULL;
