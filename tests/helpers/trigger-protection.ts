import type { TestDatabase } from './database.js';

/**
 * Takes a protection out of a trigger function, for a negative control.
 *
 * @throws {Error} if the function does not have it: a control that changed nothing proves nothing.
 */
export async function removeFromTrigger(database: TestDatabase, name: string, protection: RegExp): Promise<void> {
  const { rows } = await database.query<{ text: string }>('SELECT pg_get_functiondef($1::regproc) AS text', [name]);
  const text = rows[0]?.text ?? '';
  if (!protection.test(text)) throw new Error(`The function ${name} has no ${protection}`);
  await database.query(text.replace(protection, ''));
}
