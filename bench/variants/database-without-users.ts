import { openDatabase as openReal, type DatabaseHandle } from '../../src/lib/db/database.js';

/** In place of the module's own: whoever a token names is there, and nobody asks the database. */
export function openDatabase(...args: Parameters<typeof openReal>): DatabaseHandle {
  const handle = openReal(...args);
  const user = {
    findUnique: ({ where: { id } }: { where: { id: string } }) =>
      Promise.resolve({ id, username: 'crowd', role: 'user' }),
  };
  return { ...handle, db: Object.create(handle.db, { user: { value: user } }) };
}
