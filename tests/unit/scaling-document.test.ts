import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { capacityTables } from '../../bench/report/capacity.js';
import type { SavedResult } from '../../bench/report/report.js';
import { replaceBetweenMarks } from '../../bench/report/save-results.js';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFile(join(root, file), 'utf8');
const latest = JSON.parse(await read('bench/results/latest.json')) as SavedResult[];

/** Returns a result that has figures of the subject only. */
function result(benchmark: string, median: number, metrics: Record<string, number> = {}): SavedResult {
  const [some] = latest;
  if (!some) throw new Error('there are no results');
  const spread = { median, min: median, max: median };
  const variants = [{ name: 'ours', title: 'ours', spread, metrics }];
  return { ...some, result: { ...some.result, benchmark, subject: 'ours', variants } };
}

it('the document contains the latest results and the calculations from them', async () => {
  const path = join(root, 'docs/scaling.md');
  const text = replaceBetweenMarks(await readFile(path, 'utf8'), capacityTables(latest));
  const options = { ...(await resolveConfig(path)), filepath: path };
  await expect(await format(text, options)).toMatchFileSnapshot(path);
});

it('the tables are calculated from the results, without rows for missing results', () => {
  const tables = capacityTables([result('hot-drop-service', 20_000), result('sold-out', 25_000)]);
  expect(tables).toContain(
    '| Reservations a second of one drop, without HTTP | **20 000** | `npm run bench -- --only hot-drop-service` |',
  );
  expect(tables).toContain('| Until every unit is held | 10 000 ÷ 20 000 a second, under the lock | 0.5 s |');
  expect(tables).toContain('| 100 000 ÷ 25 000 “sold out” a second | 4, each with a core of its own |');
  expect(tables).not.toMatch(/NaN|socket/);
});

it('the cores per socket are calculated from the share of a core', () => {
  const metrics = { 'snapshots/s per client': 20, 'server, % of a core': 50, 'memory per connection, kB': 20 };
  const tables = capacityTables([result('live-5000', 1_000, metrics)]);
  expect(tables).toContain('| 1 000 000 × 20 ÷ 200 000 a second and core | 100 |');
  expect(tables).toContain('| 1 000 000 × 20 kB | 20 GB |');
});
