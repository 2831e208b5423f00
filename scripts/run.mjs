// Runs a compiled entry point, after a build if needed:
//   node --enable-source-maps scripts/run.mjs commands/seed [arguments]
// In this process, so that signals reach the program.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfNeeded, fail } from './build-if-needed.mjs';
import { whenNpmEnds } from './when-npm-ends.mjs';

const [node, , name, ...rest] = process.argv;
const entry = join(import.meta.dirname, '../dist', `${name}.js`);

whenNpmEnds(() => process.kill(process.pid, 'SIGTERM'));
await buildIfNeeded().catch(fail);
process.argv = [String(node), entry, ...rest];
await import(pathToFileURL(entry).href);
