-- The worker asks the drops that have units held, each for its first hold by the index that a drop's batches use. Into an
-- index of all holds' ends each hold had to be entered, and a look through it read every overdue hold of a crowd.

-- Drops before reservations, as everybody locks them: the other way round this waits for a batch that waits for this.
-- Of the few drops with units held, those that were cancelled need no index of their own.
DROP INDEX "drops_cancelled_idx";
DROP INDEX "reservations_active_expires_at_idx";
