-- PostgreSQL's defaults vacuum a table when a fifth of its rows has changed: with ten million old reservations, after two million.

-- A settled hold leaves an entry in the two indexes of active holds until a vacuum removes it. Every stock transaction looks for
-- overdue holds at the beginning of its drop's range, and passes these entries: 100 000 of them are 500 pages, which take as long
-- as ten reservations. The thousandth is little, so that vacuums of a very large table do not follow each other without a pause.
-- index_cleanup: by default a vacuum leaves the indexes as they are while fewer than 2 % of the table's pages have dead rows,
-- which with millions of old rows is always the case.
ALTER TABLE "reservations" SET (
    autovacuum_vacuum_threshold = 25000,
    autovacuum_vacuum_scale_factor = 0.001,
    vacuum_index_cleanup = on
);

-- The row of a drop is updated by each of its transactions. These updates are heap-only, and its page is pruned by the next one;
-- while an old snapshot is open (a backup, a long report), pages fill up and versions get index entries of their own.
ALTER TABLE "drops" SET (
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_scale_factor = 0.01,
    vacuum_index_cleanup = on
);

-- Rows of these two are only ever inserted. Frequent vacuums read the new pages only, mark them as visible to all, and freeze them;
-- rare ones let millions of rows accumulate, up to the one that PostgreSQL forces to prevent a wraparound.
ALTER TABLE "purchases" SET (autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_insert_scale_factor = 0.01);
ALTER TABLE "stock_movements" SET (autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_insert_scale_factor = 0.01);
