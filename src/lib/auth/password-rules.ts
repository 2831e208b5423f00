import { ValidationError } from '../errors/index.js';

export interface PasswordRules {
  /**
   * Refuses a new password that is on the list of common ones, or is the name or the e-mail of its account; in any case.
   *
   * @param path of the field, such as `body.password`.
   * @param own the username and the e-mail.
   * @throws {ValidationError} naming the field.
   */
  check(path: string, password: string, own: readonly string[]): void;
}

/** Accepts every password: development has accounts with common ones. */
export const NO_PASSWORD_RULES: PasswordRules = { check: () => undefined };

/** Loads the rules of production. The list, of 50 000 passwords, is that of zxcvbn. */
export async function loadPasswordRules(): Promise<PasswordRules> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const common = new Set((dictionary['passwords-common'] as readonly string[]).map(comparable));
  return {
    check(path, password, own) {
      const tried = comparable(password);
      const message = common.has(tried)
        ? 'is one of the most common passwords: choose another one'
        : own.some((name) => namesOf(name).includes(tried))
          ? 'must not be your username or your e-mail'
          : undefined;
      if (message !== undefined) throw new ValidationError([{ path, message }]);
    },
  };
}

/** Upper and lower case, composed and decomposed letters are the same; so are spaces around the password. */
function comparable(password: string): string {
  return password.normalize('NFKC').toLowerCase().trim();
}

/** The name itself; of an e-mail also the part before the @. */
function namesOf(name: string): string[] {
  const whole = comparable(name);
  return [whole, whole.replace(/@[^@]*$/, '')];
}
