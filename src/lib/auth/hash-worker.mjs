// What the hashing threads run. JavaScript, since a thread starts without the loaders that read TypeScript in
// development and in tests.
import bcrypt from 'bcryptjs';

/** @param {{ password: string, cost: number }} task */
export function hash({ password, cost }) {
  return bcrypt.hashSync(password, cost);
}

/** @param {{ passwords: string[], hash: string }} task */
export function compare({ passwords, hash }) {
  return passwords.map((password) => bcrypt.compareSync(password, hash));
}
