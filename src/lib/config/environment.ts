import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** Settings as raw strings, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of this process: the environment, and beneath it the file `.env` of the working folder if there is one.
 * The only place in the project that reads `process.env`.
 */
export function readEnvironment(): Environment {
  const file = resolve('.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}
