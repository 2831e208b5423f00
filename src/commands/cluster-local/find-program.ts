import { spawnSync } from 'node:child_process';

/** Debian's packages put servers where a plain user's PATH does not lead. */
const FOLDERS = ['', '/usr/sbin/', '/usr/local/sbin/', '/opt/homebrew/bin/'];

/** How to call a program of this machine that answers to this flag; undefined if there is none. */
export function findProgram(name: string, versionFlag: string): string | undefined {
  return FOLDERS.map((folder) => folder + name).find((file) => spawnSync(file, [versionFlag]).status === 0);
}
