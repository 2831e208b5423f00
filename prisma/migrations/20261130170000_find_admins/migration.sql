-- The last admin may neither be erased nor lose the role by a command: the admins are read and locked.
CREATE INDEX "users_admins_idx" ON "users" ("id") WHERE "role" = 'admin';
