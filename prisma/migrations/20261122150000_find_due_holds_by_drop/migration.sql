-- The worker asks the drops that have units held, each for its first hold by the index that a drop's batches use. An index of
-- all holds' ends was a tenth of what a hold costs PostgreSQL, and a look through it read every overdue hold of a crowd.
DROP INDEX "reservations_active_expires_at_idx";
-- Of the few drops with units held, those that were cancelled need no index of their own.
DROP INDEX "drops_cancelled_idx";
