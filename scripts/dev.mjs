// npm run dev: the service from its sources, restarted at each change. In front of it, Vite serves the storefront from its sources
// and passes all other requests on to the service, at one address.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createServer } from 'vite';
import { buildIfNeeded, fail } from './build-if-needed.mjs';
import { whenNpmEnds } from './when-npm-ends.mjs';

const root = join(import.meta.dirname, '..');

await buildIfNeeded({ clientOnly: true }).catch(fail);
const pages = await createServer({ root: join(root, 'web'), clearScreen: false });
await pages.listen();
console.error('\n  The storefront, which reloads at each change, and the API behind it:\n');
pages.printUrls();

const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
const watcher = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', 'src/main.ts'], { stdio: 'inherit' });
watcher.once('exit', (code) => process.exit(code ?? 1));

// The terminal sends Ctrl-C to the watcher as well. The SIGINT that npm passes on must not reach the watcher: a second one kills at
// once.
process.on('SIGINT', () => undefined);
const stop = () => watcher.kill('SIGTERM');
process.on('SIGTERM', stop);
whenNpmEnds(stop);
