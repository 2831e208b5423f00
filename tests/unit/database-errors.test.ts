import { expect, it } from 'vitest';
import { classifyDatabaseError, toClientError } from '../../src/lib/db/database-errors.js';
import { OutcomeUnknownError } from '../../src/lib/errors/index.js';

/** What the driver adapter throws for an error of PostgreSQL, at COMMIT. */
const errorWith = (originalCode: string) =>
  Object.assign(new Error('DriverAdapterError'), { cause: { kind: 'postgres', originalCode } });

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
