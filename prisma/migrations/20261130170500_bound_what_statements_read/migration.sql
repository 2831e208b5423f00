-- What a statement reads must depend on its requests only, not on the number of old rows and not on what PostgreSQL expects of
-- them. For each lookup there is therefore one index that fits, and none that almost fits (docs/adr/0039).

-- The units of a drop that a user has bought. The indexes of purchases start with the user or with the drop: each of them could
-- serve this lookup, and then read every purchase of a user, or every purchase of a hot drop, for each request of a batch.
CREATE INDEX "reservations_completed_user_id_drop_id_idx" ON "reservations" ("user_id", "drop_id")
    WHERE "status" = 'completed';

-- The purchases of a user, newest first. Its condition is always true (purchases_price_not_negative) and stands in the queries of
-- that list only. Without it, PostgreSQL could use this index to look for an idempotency key, and read every purchase of the user.
DROP INDEX "purchases_user_id_created_at_id_idx";
CREATE INDEX "purchases_user_id_created_at_id_idx" ON "purchases" ("user_id", "created_at" DESC, "id" DESC)
    WHERE "price" >= 0;
