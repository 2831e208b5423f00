import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs');

interface Watcher {
  readonly stop: () => void;
  /** The exit code of the last run. */
  readonly ended: Promise<number>;
}

/** Runs the service from its sources, and again at each change of one of them. @param settings in place of those of the environment. */
export function startWatcher(settings: Readonly<Record<string, string>>): Watcher {
  const child = spawn(process.execPath, [TSX, 'watch', '--clear-screen=false', join(ROOT, 'src/main.ts')], {
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  return {
    stop: () => child.kill('SIGTERM'),
    ended: new Promise((resolve) => {
      child.once('exit', (code) => {
        resolve(code ?? 1);
      });
    }),
  };
}
