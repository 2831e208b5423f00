import pg from 'pg';
import { expect, it } from 'vitest';
import { classifyDatabaseError, toClientError, violatedConstraint } from '../../src/lib/db/database-errors.js';
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

it('knows a constraint by the fields of an error, in whatever language its text is', () => {
  const fields = { code: '23514', message: 'neue Zeile verletzt Check-Constraint »drops_ends_after_start«' };
  const adapted = { kind: 'postgres', originalCode: fields.code, originalMessage: fields.message };
  const cause = { ...adapted, column: 'drops_ends_after_start' };
  expect(violatedConstraint(Object.assign(new Error(fields.message), { cause }))).toBe('drops_ends_after_start');
  const direct = Object.assign(new pg.DatabaseError(fields.message, 0, 'error'), fields, { constraint: 'a_check' });
  expect(violatedConstraint(direct)).toBe('a_check');
});

it("does not take the server's words, which may quote a client's, for those of a lost connection", () => {
  const message = 'invalid input syntax for type uuid: "connection terminated"';
  const cause = { kind: 'InvalidInputValue', originalCode: '22P02', originalMessage: message };
  expect(classifyDatabaseError(Object.assign(new Error(message), { cause }))).toBeNull();
});
