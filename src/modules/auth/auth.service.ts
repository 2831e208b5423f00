import { randomUUID } from 'node:crypto';
import { InvalidCredentialsError, UserNotFoundError } from '../../lib/auth/account-errors.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { PasswordChecks } from '../../lib/auth/password-checks.js';
import type { PasswordQueue } from '../../lib/auth/password-queue.js';
import type { PasswordRules } from '../../lib/auth/password-rules.js';
import type { Passwords } from '../../lib/auth/passwords.js';
import type { Tokens } from '../../lib/auth/tokens.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { refuseViolations } from '../../lib/db/database-errors.js';
import { ForbiddenError, TokenEndedError } from '../../lib/errors/index.js';
import { EmailTakenError, UsernameTakenError } from './auth.errors.js';
import { findAccountByEmail, insertAccount, type Account } from './auth.queries.js';
import {
  toProfileResponse,
  type LoginBody,
  type ProfileResponse,
  type RegisterBody,
  type SessionResponse,
} from './auth.schema.js';

interface AuthDependencies {
  readonly db: Database;
  readonly passwords: Passwords;
  readonly passwordRules: PasswordRules;
  readonly passwordChecks: PasswordChecks;
  readonly registrationQueue: PasswordQueue;
  readonly tokens: Tokens;
}

/** Where a request comes from. */
interface Sender {
  readonly address: string;
  readonly signal: CancellationSignal;
}

export type AuthService = ReturnType<typeof createAuthService>;

export function createAuthService(dependencies: AuthDependencies) {
  const { db, passwords, passwordRules, passwordChecks, registrationQueue, tokens } = dependencies;

  function openSession({ id, username, email, role, tokenVersion }: Account): SessionResponse {
    return { user: { id, username, email, role }, token: tokens.sign({ id, role, tokenVersion }) };
  }

  return {
    /**
     * Creates an account with the role `user`. The password is hashed when the turn of the address comes.
     *
     * @throws {ValidationError} a password that the rules refuse.
     * @throws {EmailTakenError | UsernameTakenError}
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async register({ username, email, password }: RegisterBody, { address, signal }: Sender): Promise<SessionResponse> {
      passwordRules.check('body.password', password, [username, email]);
      const passwordHash = await registrationQueue.run(address, () => passwords.hash(password), signal);
      // Chosen before the first attempt: after a COMMIT whose answer was lost, the second attempt finds the account by its id.
      const id = randomUUID();
      const create = async (tx: Transaction) =>
        (await insertAccount(tx, { id, username, email, passwordHash })) ??
        tx.user.findUniqueOrThrow({ where: { id } });
      return openSession(await inTransaction(db, create, { idempotent: true }).catch(explainViolation));
    },

    /**
     * Signs in, when the turn of the address comes. An unknown e-mail and a wrong password have the same limits, cost and error.
     *
     * @throws {InvalidCredentialsError}
     * @throws {TokenEndedError} for the right password of a disabled account.
     * @throws {RateLimitedError | OverloadedError} before any query.
     */
    async login({ email, password }: LoginBody, sender: Sender): Promise<SessionResponse> {
      const user = await passwordChecks.run({ ...sender, account: email }, async () => {
        const account = await findAccountByEmail(db, email);
        return (await passwords.verify(password, account?.passwordHash ?? null)) ? account : null;
      });
      if (!user) throw new InvalidCredentialsError();
      if (user.disabledAt) throw new TokenEndedError('disabled');
      return openSession(user);
    },

    /** An account, for its owner or an admin. @throws {ForbiddenError | UserNotFoundError} the latter only for a request of an admin. */
    async profile(id: string, requester: AuthenticatedUser): Promise<ProfileResponse> {
      if (requester.id !== id && requester.role !== 'admin')
        throw new ForbiddenError('You may only see your own account');
      const user = await db.user.findUnique({ where: { id } });
      if (!user || user.erasedAt) throw new UserNotFoundError();
      return toProfileResponse(user);
    },
  };
}

const explainViolation = refuseViolations({
  users_email_key: () => new EmailTakenError(),
  users_username_key: () => new UsernameTakenError(),
});
