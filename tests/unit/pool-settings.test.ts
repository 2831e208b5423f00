import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { POOL_TIME_LIMITS, poolSettings } from '../../src/lib/db/pool-settings.js';
import { SESSION_SETTINGS, sessionParameters } from '../../src/lib/db/session-settings.js';

const URL = 'postgresql://u@localhost/db';

it('the pool uses the connection limit of the URL and removes the parameters that only Prisma supports', () => {
  const settings = poolSettings(`${URL}?connection_limit=7&schema=shop`);
  expect(settings).toMatchObject({ max: 7, ownSessions: true });
  expect(settings.connectionString).toBe(URL);
});

it('the server receives every session setting and the time limits, so that they do not depend on this process', () => {
  const parameters = sessionParameters(`${URL}?schema=shop`, POOL_TIME_LIMITS.session);
  for (const { name, value } of SESSION_SETTINGS) expect(parameters[name]).toBe(value);
  expect(parameters).toMatchObject({ lock_timeout: '5000', statement_timeout: '10000', search_path: '"shop"' });
});

it('with a pooler, the session has only the settings that a pooler keeps per client', () => {
  expect(poolSettings(`${URL}?pgbouncer=true`)).toMatchObject({ ownSessions: false, connectionString: URL });
  const sent = Object.keys(sessionParameters(`${URL}?pgbouncer=true`, POOL_TIME_LIMITS.session));
  expect(sent).toEqual(['TimeZone', 'DateStyle', 'standard_conforming_strings']);
});

it('the document for operators has the current values', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/managed-postgres.md'), 'utf8');
  const limits = Object.entries(POOL_TIME_LIMITS.session).map(
    ([name, ms]) => `ALTER ROLE CURRENT_USER SET ${name} = ${ms}`,
  );
  expect(page).toContain(`\n${limits.join('; ')}\n`);
  for (const { name, value } of SESSION_SETTINGS) expect(page).toMatch(new RegExp(`\\| \`${name}\` +\\| \`${value}\``));
});
