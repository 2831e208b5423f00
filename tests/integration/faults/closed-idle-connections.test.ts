import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Terminates sessions from another process. This process blocks meanwhile, so the service does not read their last messages. */
function endIdleSessions(url: string): void {
  const script = `
    import pg from 'pg';
    const client = new pg.Client({ connectionString: process.argv[1] });
    await client.connect();
    const { rowCount } = await client.query(\`SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'drop-inventory' AND state = 'idle'\`);
    await client.end();
    if (rowCount < 3) throw new Error('there were ' + rowCount);`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script, url]);
}

/** Opens connections of the pool and leaves them idle. */
async function openConnections(): Promise<void> {
  await Promise.all(Array.from({ length: 5 }, () => app.context.db.$queryRaw`SELECT pg_sleep(0.2)::text`));
}

describe('a connection that was closed while it was idle', () => {
  it('does not fail a plain read: the read runs again on another connection', async () => {
    await app.createDrop();
    await openConnections();
    endIdleSessions(app.database.url);
    const [drops, [row]] = await Promise.all([
      app.context.db.drop.count(),
      app.context.db.$queryRaw<[{ found: number }]>`
        WITH found AS (SELECT id FROM drops) SELECT count(*)::int AS found FROM found`,
    ]);
    expect([drops, row.found]).toEqual([1, 1]);
  });

  it('fails a write outside a transaction, because the write may have been carried out', async () => {
    await app.database.query('CREATE TABLE written (n int)');
    await openConnections();
    endIdleSessions(app.database.url);
    const write = app.context.db.$executeRaw`INSERT INTO written VALUES (1)`;
    await expect(write).rejects.toThrow();
    const { rowCount } = await app.database.query('SELECT FROM written');
    expect(rowCount).toBe(0);
  });
});
