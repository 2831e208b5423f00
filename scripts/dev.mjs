// npm run dev: the service from its sources, started anew at every change.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildIfNeeded, fail } from './build-if-needed.mjs';
import { whenNpmEnds } from './when-npm-ends.mjs';

await buildIfNeeded({ clientOnly: true }).catch(fail);
const tsx = join(import.meta.dirname, '../node_modules/tsx/dist/cli.mjs');
const watcher = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', 'src/main.ts'], { stdio: 'inherit' });
watcher.once('exit', (code) => process.exit(code ?? 1));

// The terminal has sent Ctrl-C to the watcher too. What npm then passes on must not reach it as a second one, which to
// the watcher means: kill at once.
process.on('SIGINT', () => undefined);
const stop = () => watcher.kill('SIGTERM');
process.on('SIGTERM', stop);
whenNpmEnds(stop);
