import type { LintCase } from './skeleton.js';

const prisma = "import type { Client } from '../../lib/db/database.js';\n";
const sql = (text: string) => `${prisma}export const used = (db: Client) => db.$queryRaw\`${text}\`;`;
const call = (text: string) =>
  `export const used = (db: Record<'drop' | 'purchase', Record<string, (args: object) => unknown>>) => db.${text};`;

/** The table `drops` is written to in src/inventory alone. */
export const DROP_WRITE_CASES: readonly LintCase[] = [
  {
    name: 'an UPDATE of drops in a module',
    file: 'src/modules/drops/pause.queries.ts',
    bad: sql('UPDATE drops SET paused_at = now()'),
    good: sql('SELECT d.id FROM drops d WHERE d.id = 1 FOR UPDATE'),
  },
  {
    name: 'an UPDATE in a WITH clause, over several lines',
    file: 'src/modules/drops/with.queries.ts',
    bad: sql('WITH moved AS (\n  update\n    drops d SET version = 1 RETURNING d.id)\nSELECT id FROM moved'),
    good: sql('WITH found AS (\n  SELECT d.id FROM drops d)\nSELECT id FROM found'),
  },
  {
    name: 'an INSERT into drops in a module',
    file: 'src/modules/drops/insert.queries.ts',
    bad: sql('INSERT INTO drops AS d (id) VALUES (1)'),
    good: sql('INSERT INTO reservations (drop_id) SELECT id FROM drops'),
  },
  {
    name: 'an UPDATE after a value in the same template',
    file: 'src/modules/drops/value.queries.ts',
    bad: sql('WITH a AS (SELECT ${1}) UPDATE "public"."drops" SET version = 1'),
    good: sql('WITH a AS (SELECT ${1}) UPDATE drops_archive SET version = 1'),
  },
  {
    name: 'a DELETE from drops in the worker, as a plain string',
    file: 'src/worker/delete.ts',
    bad: "export const used = 'DELETE FROM ONLY drops';",
    good: "export const used = 'DELETE FROM reservations WHERE drop_id IN (SELECT id FROM drops)';",
  },
  {
    name: 'TRUNCATE in src/realtime',
    file: 'src/realtime/truncate.ts',
    bad: "export const used = 'TRUNCATE TABLE drops';",
    good: "export const used = 'a drop_update of drops';",
  },
  {
    name: 'DELETE in the settings',
    file: 'src/lib/config/delete.ts',
    bad: "export const used = 'DELETE FROM drops';",
    good: "export const used = 'RESERVATION_TTL_SECONDS';",
  },
  {
    name: 'a write by Prisma',
    file: 'src/modules/drops/prisma-write.service.ts',
    bad: call('drop.updateMany({})'),
    good: call('drop.findMany({})'),
  },
  {
    name: 'a nested write by Prisma',
    file: 'src/modules/drops/prisma-nested.service.ts',
    bad: call('purchase.create({ data: { drop: { update: { version: 1 } } } })'),
    good: call('purchase.create({ data: { drop: { connect: { id: 1 } } } })'),
  },
].map((each) => ({ rule: 'no-restricted-syntax', ...each }));

/** Snippets that write to drops where it is allowed. */
export const ALLOWED_DROP_WRITES: Readonly<Record<string, string>> = {
  'src/inventory/write.ts': "export const used = 'UPDATE drops SET version = 1';",
  'src/seed/write.ts': "export const used = 'INSERT INTO drops (id) VALUES (1)';",
};
