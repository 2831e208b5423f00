import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { poolSettings, TIME_LIMITS_SQL } from '../../src/lib/db/pool-settings.js';

const LIMITS = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout'] as const;

it('sends the time limits to the server, so that they hold whatever happens to this process', () => {
  const settings = poolSettings('postgresql://u@localhost/db?connection_limit=7');
  expect(settings).toMatchObject({ max: 7, lock_timeout: 5_000, statement_timeout: 10_000, ownSessions: true });
  expect(settings.connectionString).toBe('postgresql://u@localhost/db');
});

it('sends none through a pooler that would refuse them, and names them all for whoever has to set them there', () => {
  const settings = poolSettings('postgresql://u@localhost/db?pgbouncer=true');
  expect(settings.ownSessions).toBe(false);
  expect(settings.connectionString).toBe('postgresql://u@localhost/db');
  for (const name of LIMITS) {
    expect(settings).not.toHaveProperty(name);
    expect(TIME_LIMITS_SQL).toContain(`SET ${name} = ${poolSettings('postgresql://u@localhost/db')[name]}`);
  }
});

it('is told to operators as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/managed-postgres.md'), 'utf8');
  expect(page).toContain(`\n${TIME_LIMITS_SQL}\n`);
});
