-- Every process reads five times a second which drops have started or ended since the last read, and which start or end is
-- next: one step along each of these indexes for each of them, and one more. Updates of stock touch neither column, and stay
-- heap-only.
CREATE INDEX "drops_drop_starts_at_id_idx" ON "drops" ("drop_starts_at", "id");
CREATE INDEX "drops_drop_ends_at_id_idx" ON "drops" ("drop_ends_at", "id");
