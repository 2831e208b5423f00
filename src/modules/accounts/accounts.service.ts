import type { HoldReleases } from '../../inventory/hold-releases.js';
import { UserNotFoundError, WrongPasswordError } from '../../lib/auth/account-errors.js';
import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { PasswordChecks } from '../../lib/auth/password-checks.js';
import type { PasswordQueue } from '../../lib/auth/password-queue.js';
import type { PasswordRules } from '../../lib/auth/password-rules.js';
import type { Passwords } from '../../lib/auth/passwords.js';
import type { Tokens } from '../../lib/auth/tokens.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import { AccountGoneError, TokenEndedError } from '../../lib/errors/index.js';
import type { Logger } from '../../lib/logger.js';
import { toProfileResponse, type ProfileResponse } from '../auth/auth.schema.js';
import { LastAdminError, OwnAccountError } from './accounts.errors.js';
import {
  endTokensOfVersion,
  findCredentials,
  insertEndedToken,
  lockAdmins,
  lockOpenAccounts,
  writeDisabled,
  writeEnabled,
  writeErased,
  writePassword,
  type Credentials,
} from './accounts.queries.js';
import type { ChangePasswordBody } from './accounts.schema.js';

interface AccountsDependencies {
  readonly db: Database;
  readonly passwords: Passwords;
  readonly passwordRules: PasswordRules;
  readonly passwordChecks: PasswordChecks;
  readonly registrationQueue: PasswordQueue;
  readonly tokens: Tokens;
  readonly holdReleases: HoldReleases;
  readonly logger: Logger;
}

/** Where a request comes from. */
interface Sender {
  readonly address: string;
  readonly signal: CancellationSignal;
}

export type AccountsService = ReturnType<typeof createAccountsService>;

/**
 * Creates the use cases that end tokens and close accounts. Each writes to the database only: the next request of every process
 * reads it, and every process polls it for its sockets.
 *
 * All of them throw UnavailableError, OverloadedError and OutcomeUnknownError, and may be repeated after any of these.
 */
export function createAccountsService(dependencies: AccountsDependencies) {
  const { db, passwords, passwordRules, passwordChecks, registrationQueue, tokens, holdReleases, logger } =
    dependencies;

  /**
   * Checks the password of the user, with the limits of a sign-in and together with the failures of signing in.
   *
   * @throws {WrongPasswordError}
   * @throws {RateLimitedError | OverloadedError} before any query.
   */
  async function checkPassword(user: AuthenticatedUser, password: string, sender: Sender): Promise<Credentials> {
    const checked = await passwordChecks.run({ ...sender, account: user.email }, async () => {
      const credentials = await findCredentials(db, user.id);
      if (!credentials) throw new AccountGoneError();
      return (await passwords.verify(password, credentials.passwordHash)) ? credentials : null;
    });
    if (!checked) throw new WrongPasswordError();
    return checked;
  }

  async function findProfile(userId: string): Promise<ProfileResponse> {
    const user = await db.user.findUnique({ where: { id: userId } });
    if (!user || user.erasedAt) throw new UserNotFoundError();
    return toProfileResponse(user);
  }

  return {
    /** Ends the token of the request; one of an earlier release, which has no id, together with all others of its user. */
    async logout({ id: userId, token }: AuthenticatedUser): Promise<void> {
      const { id, version, expiresAt } = token;
      await inTransaction(
        db,
        (tx) =>
          id === null ? endTokensOfVersion(tx, userId, version) : insertEndedToken(tx, userId, { id, expiresAt }),
        { idempotent: true },
      );
    },

    /** Ends all tokens of the user. */
    async logoutAll({ id, token }: AuthenticatedUser): Promise<void> {
      await inTransaction(db, (tx) => endTokensOfVersion(tx, id, token.version), { idempotent: true });
    },

    /** Replaces the password, and ends all tokens of the user. Returns a new one. @throws {WrongPasswordError | ValidationError} */
    async changePassword(
      user: AuthenticatedUser,
      { currentPassword, newPassword }: ChangePasswordBody,
      sender: Sender,
    ): Promise<string> {
      const { passwordHash: from, username, email } = await checkPassword(user, currentPassword, sender);
      passwordRules.check('body.newPassword', newPassword, [username, email]);
      const { address, signal } = sender;
      const to = await registrationQueue.run(address, () => passwords.hash(newPassword), signal);
      const owner = await inTransaction(db, (tx) => writePassword(tx, user.id, { from, to }), { idempotent: true });
      // Another request has replaced the password.
      if (!owner) throw new WrongPasswordError();
      return tokens.sign(owner);
    },

    /**
     * Removes the person from the account, closes it for good, and releases its active holds. Its reservations and purchases stay,
     * under a random name.
     *
     * @throws {WrongPasswordError | LastAdminError}
     */
    async erase(user: AuthenticatedUser, password: string, sender: Sender): Promise<void> {
      const { id, role } = user;
      const { passwordHash } = await checkPassword(user, password, sender);
      const isErased = await inTransaction(
        db,
        async (tx) => {
          if (role === 'admin' && (await lockAdmins(tx)).every((admin) => admin === id)) throw new LastAdminError();
          return writeErased(tx, id, passwordHash);
        },
        { idempotent: true },
      );
      if (!isErased) throw new WrongPasswordError();
      logger.info({ userId: id }, 'An account was erased');
      await holdReleases.releaseOrLeaveToWorker(id);
    },

    /**
     * Disables an account, ends its tokens, and releases its active holds. Does nothing if it is disabled.
     *
     * @throws {UserNotFoundError | OwnAccountError}
     * @throws {TokenEndedError} if the admin's own account was closed in the meantime.
     */
    async disable(userId: string, { by, reason }: { by: AuthenticatedUser; reason: string | null }) {
      if (userId === by.id) throw new OwnAccountError();
      await inTransaction(
        db,
        async (tx) => {
          // Of two admins who disable each other at the same time, one remains.
          const open = await lockOpenAccounts(tx, [by.id, userId]);
          if (!open.includes(by.id)) throw new TokenEndedError('disabled');
          await writeDisabled(tx, userId, { by: by.id, reason });
        },
        { idempotent: true },
      );
      const profile = await findProfile(userId);
      logger.info({ userId, by: by.id }, 'An account was disabled');
      await holdReleases.releaseOrLeaveToWorker(userId);
      return profile;
    },

    /** Enables a disabled account; its user has to sign in again. Does nothing if it is not disabled. @throws {UserNotFoundError} */
    async enable(userId: string, { by, reason }: { by: AuthenticatedUser; reason: string | null }) {
      await inTransaction(db, (tx) => writeEnabled(tx, userId, { by: by.id, reason }), { idempotent: true });
      const profile = await findProfile(userId);
      logger.info({ userId, by: by.id }, 'An account was enabled');
      return profile;
    },
  };
}
