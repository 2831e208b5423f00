-- A request that creates a drop may carry an Idempotency-Key. The row keeps it, with its owner and a hash of the request, so
-- that the same request again finds this drop and another request with the key is refused.
ALTER TABLE "drops"
    ADD COLUMN "created_by" UUID,
    ADD COLUMN "idempotency_key" TEXT,
    ADD COLUMN "request_hash" TEXT,
    ADD CONSTRAINT "drops_request_hash_with_key" CHECK (("idempotency_key" IS NULL) = ("request_hash" IS NULL)),
    ADD CONSTRAINT "drops_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE RESTRICT;

CREATE UNIQUE INDEX "drops_created_by_idempotency_key_key" ON "drops" ("created_by", "idempotency_key")
    WHERE "idempotency_key" IS NOT NULL;
