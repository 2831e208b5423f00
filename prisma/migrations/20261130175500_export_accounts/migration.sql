-- The export of an account pages over every list of its person. Each has one index with the condition and the order of the page,
-- and no lookup of another kind can use it (docs/adr/0034, docs/adr/0039).

DROP INDEX "ended_tokens_user_id_idx";
CREATE INDEX "ended_tokens_user_id_id_idx" ON "ended_tokens" ("user_id", "id");

-- For ON DELETE SET NULL as well.
DROP INDEX "users_disabled_by_idx";
CREATE INDEX "users_disabled_by_id_idx" ON "users" ("disabled_by", "id");

-- The condition is always true (drops_price_not_negative) and stands in the query of the export only. Without it, PostgreSQL could
-- use this index to look for an idempotency key, and read every drop of the admin.
CREATE INDEX "drops_created_by_id_idx" ON "drops" ("created_by", "id") WHERE "price" >= 0;
