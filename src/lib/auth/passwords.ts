import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import bcrypt from 'bcryptjs';
import { Piscina } from 'piscina';
import { UnavailableError } from '../errors/index.js';

/** bcrypt ignores the rest of a password. */
export const MAX_PASSWORD_BYTES = 72;

/** bcrypt's cost factor, 2^10 rounds: bcrypt's usual default. */
const DEFAULT_COST = 10;
const BCRYPT_HASH = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;
const IDLE_TIMEOUT_MS = 30_000;

export interface Passwords {
  /** The number of threads, each of which hashes one password at a time. */
  readonly threadCount: number;
  /** The bcrypt hash of a password in normalization form C. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password has this hash: in normalization form C, or as it was sent, because older hashes were made without
   * normalization. The duration depends on the password only, so that it does not reveal whether an account exists or which
   * form matched.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Stops the threads; unfinished calls are rejected. */
  close(): Promise<void>;
}

/**
 * Hashes passwords in worker threads: on the main thread, concurrent sign-ins would stall all other requests. Calls wait without a
 * bound; {@link PasswordQueue} limits how many requests make one.
 *
 * @param cost bcrypt's cost factor; tests pass a lower one.
 */
export function createPasswords(cost = DEFAULT_COST): Passwords {
  const maxThreads = Math.max(1, availableParallelism() - 1);
  const threads = new Piscina({
    filename: fileURLToPath(new URL('./hash-worker.mjs', import.meta.url)),
    minThreads: 0,
    maxThreads,
    idleTimeout: IDLE_TIMEOUT_MS,
  });
  // A well-formed hash of no password, verified where there is no account.
  const decoy = bcrypt.genSaltSync(cost) + '.'.repeat(31);
  let closed = false;

  async function run<T>(name: 'hash' | 'compare', task: object): Promise<T> {
    // Piscina would start a thread that is never stopped.
    if (closed) throw new UnavailableError(undefined, 'The service is shutting down');
    return (await threads.run(task, { name })) as T;
  }

  return {
    threadCount: maxThreads,
    hash: (password) => run<string>('hash', { password: password.normalize('NFC'), cost }),
    async verify(password, known) {
      // Text that is not a hash, as in an account locked by hand, would make the response faster.
      const usable = known !== null && BCRYPT_HASH.test(known);
      const forms = [...new Set([password.normalize('NFC'), password])];
      const matches = await run<boolean[]>('compare', { passwords: forms, hash: usable ? known : decoy });
      // bcrypt would accept a longer password by its first 72 bytes.
      return usable && forms.some((form, index) => matches[index] && Buffer.byteLength(form) <= MAX_PASSWORD_BYTES);
    },
    async close() {
      closed = true;
      await threads.destroy();
    },
  };
}
