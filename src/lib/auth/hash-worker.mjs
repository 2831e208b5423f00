// Runs in the hashing threads. JavaScript, because threads start without the TypeScript loader of development and tests.
import bcrypt from 'bcryptjs';

/** @param {{ password: string, cost: number }} task */
export function hash({ password, cost }) {
  return bcrypt.hashSync(password, cost);
}

/** @param {{ passwords: string[], hash: string }} task */
export function compare({ passwords, hash }) {
  return passwords.map((password) => bcrypt.compareSync(password, hash));
}
