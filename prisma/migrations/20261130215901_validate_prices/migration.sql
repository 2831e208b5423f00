-- In a migration of its own: it reads all reservations, and here blocks no writer.
ALTER TABLE "reservations" VALIDATE CONSTRAINT "reservations_price_not_negative";
ALTER TABLE "reservations" VALIDATE CONSTRAINT "reservations_price_of_active";
