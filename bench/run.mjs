// npm run bench, npm run abuse: compiles the service and the benchmarks, and starts the entry point that the first argument names.
// Compiled, because a loader such as tsx adds a cost to every function call of the measured processes.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { buildIfNeeded, fail } from '../scripts/build-if-needed.mjs';
import { whenNpmEnds } from '../scripts/when-npm-ends.mjs';

const sources = import.meta.dirname;
const root = join(sources, '..');
const out = join(root, '.build-bench');
const [node, , name, ...rest] = process.argv;
const entry = join(out, 'bench', `${name}.js`);

whenNpmEnds(() => process.kill(process.pid, 'SIGTERM'));
await buildIfNeeded().catch(fail);
rmSync(out, { recursive: true, force: true });
for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
  const target = join(out, 'bench', file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, compile(readFileSync(join(sources, file), 'utf8')));
}
// Imports from ../src resolve to the production build.
symlinkSync(join(root, 'dist'), join(out, 'src'), 'junction');
process.argv = [String(node), entry, ...rest];
await import(pathToFileURL(entry).href);

/** @param {string} source */
function compile(source) {
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;
}
