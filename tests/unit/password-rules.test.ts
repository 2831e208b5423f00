import { expect, it } from 'vitest';
import { loadPasswordRules, NO_PASSWORD_RULES } from '../../src/lib/auth/password-rules.js';
import { ValidationError } from '../../src/lib/errors/index.js';

const rules = await loadPasswordRules();
const OWN = ['ada_lovelace', 'Ada.L@example.com'];

/** The message of the refusal; null if the password is accepted. */
function refusalOf(password: string, own: readonly string[] = OWN): string | null {
  try {
    rules.check('body.password', password, own);
    return null;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const [field] = error.members.errors as { path: string; message: string }[];
    expect(field?.path).toBe('body.password');
    return field?.message ?? '';
  }
}

it.each(['123456', 'password', 'PassWord', 'QWERTY123', ' iloveyou ', 'ｐａｓｓｗｏｒｄ', 'football1', 'abc123'])(
  'refuses the common password %s',
  (password) => {
    expect(refusalOf(password)).toContain('most common passwords');
  },
);

it.each(['ada_lovelace', 'ADA_Lovelace', 'ada.l@example.com', 'Ada.L'])(
  'refuses %s, which names the account',
  (password) => {
    expect(refusalOf(password)).toContain('username');
  },
);

it.each(['correct horse', 'ada_lovelace2', 'gränsöverskridande', 'u7#kQ2!x'])('accepts %s', (password) => {
  expect(refusalOf(password)).toBeNull();
});

it('accepts everything outside of production', () => {
  expect(() => {
    NO_PASSWORD_RULES.check('body.password', '123456', ['123456']);
  }).not.toThrow();
});
