-- The worker asks five times a second whether a cancelled drop still has holds. Not on reserved_stock: an index on what every
-- batch changes would make each of these changes dearer.
CREATE INDEX "drops_cancelled_idx" ON "drops" ("id") WHERE "cancelled_at" IS NOT NULL;
