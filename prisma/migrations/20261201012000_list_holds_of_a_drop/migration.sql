-- The reservations of a drop, newest first, of one status or of all, read from the end of the index (docs/adr/0049). Its condition is
-- always true (reservations_expires_at_finite) and stands in the queries of that list only. Without it, PostgreSQL could use this index
-- to look for the hold of a user or for overdue holds, and read every reservation of the drop.
CREATE INDEX "reservations_drop_id_status_created_at_id_idx" ON "reservations" ("drop_id", "status", "created_at", "id")
    WHERE isfinite("expires_at");
