import pg from 'pg';
import { expect, it } from 'vitest';
import { classifyDatabaseError, toClientError, violatedConstraint } from '../../src/lib/db/database-errors.js';
import { OutcomeUnknownError } from '../../src/lib/errors/index.js';

/** Creates the error that the driver adapter throws when COMMIT fails with this PostgreSQL code. */
const errorWith = (originalCode: string) =>
  Object.assign(new Error('DriverAdapterError'), { cause: { kind: 'postgres', originalCode } });

it.each(['57P01', '08006', '25P03', '25P04'])(
  '%s means a lost connection, and an unknown outcome if it occurs at COMMIT',
  (code) => {
    expect(classifyDatabaseError(errorWith(code))).toEqual({ kind: 'unavailable' });
    expect(toClientError(errorWith(code), true)).toBeInstanceOf(OutcomeUnknownError);
  },
);

it('25P02, a statement in a failed transaction, is not a lost connection', () => {
  expect(classifyDatabaseError(errorWith('25P02'))).toBeNull();
});

it('a constraint is identified by the fields of an error, because the message depends on the language', () => {
  const fields = { code: '23514', message: 'neue Zeile verletzt Check-Constraint »drops_ends_after_start«' };
  const adapted = { kind: 'postgres', originalCode: fields.code, originalMessage: fields.message };
  const cause = { ...adapted, column: 'drops_ends_after_start' };
  expect(violatedConstraint(Object.assign(new Error(fields.message), { cause }))).toBe('drops_ends_after_start');
  const direct = Object.assign(new pg.DatabaseError(fields.message, 0, 'error'), fields, { constraint: 'a_check' });
  expect(violatedConstraint(direct)).toBe('a_check');
});

it("a message that quotes a client's text is not classified as a lost connection", () => {
  const message = 'invalid input syntax for type uuid: "connection terminated"';
  const cause = { kind: 'InvalidInputValue', originalCode: '22P02', originalMessage: message };
  expect(classifyDatabaseError(Object.assign(new Error(message), { cause }))).toBeNull();
});
