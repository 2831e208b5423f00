// Runs in the hashing threads. JavaScript, because threads start without the TypeScript loader of development and tests.
import { getPriority, setPriority } from 'node:os';
import bcrypt from 'bcryptjs';

/** On a busy machine a thread that is nicer by this much gets a fifth of the time that the event loop gets. */
const NICENESS = 7;
const LOWEST_PRIORITY = 19;

// On Linux this sets the priority of the calling thread. On other systems it would be that of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(LOWEST_PRIORITY, getPriority() + NICENESS));
  } catch {
    // A sandbox may refuse it. Hashing works without.
  }
}

/** @param {{ password: string, cost: number }} task */
export function hash({ password, cost }) {
  return bcrypt.hashSync(password, cost);
}

/** @param {{ passwords: string[], hash: string }} task */
export function compare({ passwords, hash }) {
  return passwords.map((password) => bcrypt.compareSync(password, hash));
}
