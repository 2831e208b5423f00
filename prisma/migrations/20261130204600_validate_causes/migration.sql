-- In a migration of its own: it reads the whole ledger, and here blocks no writer.
ALTER TABLE "stock_movements" VALIDATE CONSTRAINT "stock_movements_cause_with_units";
ALTER TABLE "stock_movements" VALIDATE CONSTRAINT "stock_movements_units_not_negative";
ALTER TABLE "stock_movements" VALIDATE CONSTRAINT "stock_movements_one_actor";
ALTER TABLE "stock_movements" VALIDATE CONSTRAINT "stock_movements_reason_length";
ALTER TABLE "stock_movements" VALIDATE CONSTRAINT "stock_movements_key_with_actor";
