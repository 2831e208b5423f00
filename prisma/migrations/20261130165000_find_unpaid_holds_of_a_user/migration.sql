-- A batch looks up the latest unpaid holds of each of its users, and refuses a user who has too many of them. The order of the
-- index lets it stop after the first few, however many there are. New holds and purchases have no entry; a hold that expires or
-- is released gets one.
CREATE INDEX "reservations_unpaid_user_id_drop_id_settled_at_idx" ON "reservations" ("user_id", "drop_id", "settled_at")
    WHERE "status" IN ('expired', 'released');
