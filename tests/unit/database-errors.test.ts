import { expect, it } from 'vitest';
import { classifyDatabaseError, toClientError } from '../../src/lib/db/database-errors.js';
import { OutcomeUnknownError } from '../../src/lib/errors/index.js';

/** What the driver adapter throws for an error of PostgreSQL, at COMMIT. */
const errorWith = (originalCode: string, originalMessage = '') =>
  Object.assign(new Error('DriverAdapterError'), { cause: { kind: 'postgres', originalCode, originalMessage } });

it.each(['57P01', '08006', '25P03', '25P04'])(
  '%s: the connection is lost, and what was not committed with it',
  (code) => {
    expect(classifyDatabaseError(errorWith(code))).toEqual({ kind: 'unavailable' });
    expect(toClientError(errorWith(code), true)).toBeInstanceOf(OutcomeUnknownError);
  },
);

it('25P02, a statement after one that failed, is a defect and nothing else', () => {
  expect(classifyDatabaseError(errorWith('25P02'))).toBeNull();
});

it.each([
  ['26000', 'prepared statement "x" does not exist'],
  ['42P05', 'prepared statement "x" already exists'],
  ['0A000', 'cached plan must not change result type'],
])('%s, %s: worth another try', (code, message) => {
  expect(classifyDatabaseError(errorWith(code, message))).toEqual({ kind: 'conflict' });
});

it('0A000, what PostgreSQL cannot do at all, is a defect', () => {
  expect(classifyDatabaseError(errorWith('0A000', 'FOR UPDATE is not allowed with DISTINCT clause'))).toBeNull();
});
