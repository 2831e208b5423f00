import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { interceptStatements } from '../../helpers/statements.js';

/** Milliseconds that PostgreSQL waits for an idle process within a transaction; ten seconds by default. */
const PATIENCE = 100;

/** The next statement after whose answer the process blocks, for longer than PostgreSQL waits. */
let stallAfter: RegExp | undefined;

const Stalling = interceptStatements({
  answered(sql) {
    if (!stallAfter?.test(sql)) return;
    stallAfter = undefined;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * PATIENCE);
  },
});

class PgClient extends Stalling {
  constructor(config?: string | pg.ClientConfig) {
    super({ ...(config as pg.ClientConfig), idle_in_transaction_session_timeout: PATIENCE });
  }
}

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ PgClient, expectsServerErrors: true });
});

afterAll(() => app.close());

it.for([
  ['the drop was locked', /FOR UPDATE/],
  ['all was written, and COMMIT not yet sent', /UPDATE drops d/],
] as const)('a batch runs again if its process blocks when %s', async ([, statement]) => {
  const [dropId, buyer] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
  stallAfter = statement;
  const { body } = await app.reserve(buyer, dropId).expect(201);
  expect(stallAfter).toBeUndefined();
  stallAfter = statement;
  await app.purchase(buyer, body.data.reservation.id).expect(201);
  expect(stallAfter).toBeUndefined();
  expect(await app.mismatches()).toEqual([]);
});
