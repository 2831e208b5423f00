import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import bcrypt from 'bcryptjs';
import { Piscina } from 'piscina';
import { OverloadedError, UnavailableError } from '../errors/index.js';

/** bcrypt reads no more than this of a password. */
export const MAX_PASSWORD_BYTES = 72;

/** bcrypt's work factor: 2^10 rounds, about 60 ms of a core. */
const COST = 10;
/** Waiting for each thread: what one hashes in about ten seconds, and nobody waits longer for an answer. */
const MAX_WAITING_PER_THREAD = 150;
const BCRYPT_HASH = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;
/** ms. Idle threads go after this. */
const IDLE_TIMEOUT = 30_000;

export interface Passwords {
  /** The bcrypt hash of a password in its normalization form C. @throws {OverloadedError} too many wait already. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password has this hash: in Unicode's normalization form C, or as it was sent, since older hashes were made
   * without normalization. How long it takes depends on the password sent alone, so that the time of an answer does not
   * reveal whether an account exists, or which form matched.
   *
   * @throws {OverloadedError} too many wait already.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Ends the threads; what was not done yet is rejected. */
  close(): Promise<void>;
}

/** Hashes passwords in worker threads: on the main thread, 50 sign-ins at once stall every other request for seconds. */
export function createPasswords(options: { maxWaiting?: number } = {}): Passwords {
  const maxThreads = Math.max(1, availableParallelism() - 1);
  const { maxWaiting = MAX_WAITING_PER_THREAD * maxThreads } = options;
  const threads = new Piscina({
    filename: fileURLToPath(new URL('./hash-worker.mjs', import.meta.url)),
    minThreads: 0,
    maxThreads,
    maxQueue: maxWaiting,
    idleTimeout: IDLE_TIMEOUT,
  });
  // Well formed and nobody's: stands in where there is no account.
  const decoy = bcrypt.genSaltSync(COST) + '.'.repeat(31);
  let closed = false;

  async function run<T>(name: 'hash' | 'compare', task: object): Promise<T> {
    // Piscina would start a new thread, which nobody ends.
    if (closed) throw new UnavailableError(undefined, 'The service is shutting down');
    if (threads.queueSize >= maxWaiting) throw new OverloadedError();
    return (await threads.run(task, { name })) as T;
  }

  return {
    hash: (password) => run<string>('hash', { password: password.normalize('NFC'), cost: COST }),
    async verify(password, known) {
      // What is no hash, as of an account that was locked by hand, would be answered at once.
      const usable = known !== null && BCRYPT_HASH.test(known);
      const forms = [...new Set([password.normalize('NFC'), password])];
      const matches = await run<boolean[]>('compare', { passwords: forms, hash: usable ? known : decoy });
      // bcrypt would take a longer password for its first 72 bytes.
      return usable && forms.some((form, index) => matches[index] && Buffer.byteLength(form) <= MAX_PASSWORD_BYTES);
    },
    async close() {
      closed = true;
      await threads.destroy();
    },
  };
}
