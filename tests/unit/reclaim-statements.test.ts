import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// Each statement that loads the state of a stock transaction is one whole SQL text, so it repeats the part that
// reclaims overdue holds.

const FOLDER = join(import.meta.dirname, '../../src/inventory/queries');
const COMMENT = /^\s*--.*\n/gm;

function part(statement: string, from: string, to: string): string {
  const start = statement.indexOf(from);
  const end = statement.indexOf(to, start);
  if (start === -1 || end === -1) throw new Error(`no text from "${from}" to "${to}"`);
  return statement.slice(start, end + to.length);
}

const statements = readdirSync(FOLDER).flatMap((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8').replace(COMMENT, '').replace(/\s+/g, ' ');
  return text.includes('reclaimed AS (') ? [text] : [];
});

it('every statement that loads the state of a stock transaction reclaims overdue holds in the same way', () => {
  expect(statements.length).toBeGreaterThanOrEqual(4);
  for (const [from, to] of [
    ['WITH horizon AS', ')'],
    ['SELECT CASE WHEN d.cancelled_at', '::uuid'],
    ['SELECT r.id FROM reservations r', 'LIMIT ${MAX_BATCH_SIZE}'],
    ['reclaimed AS (', 'RETURNING r.id, r.user_id, r.status, r.expires_at, r.updated_at'],
    ['(SELECT coalesce(jsonb_agg(jsonb_build_object(', 'FROM reclaimed) AS reclaimed'],
  ] as const) {
    expect(new Set(statements.map((text) => part(text, from, to))).size, from).toBe(1);
  }
});

it('every batch finds the holds of its users in the same way', () => {
  const batches = statements.filter((text) => text.includes('held AS MATERIALIZED'));
  expect(batches).toHaveLength(3);
  expect(new Set(batches.map((text) => part(text, 'held AS MATERIALIZED', ') own'))).size).toBe(1);
  expect(new Set(batches.map((text) => part(text, 'UNION', 'FROM horizon)'))).size).toBe(1);
});
