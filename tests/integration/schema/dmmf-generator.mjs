// A Prisma generator that writes the data model of a schema (DMMF) to dmmf.json in its output folder. Generators are the only
// public API for it: requests arrive on stdin, responses are written to stderr, one JSON-RPC message per line.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline';

/** @param {string} line */
function handle(line) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'getManifest') return { id, result: { manifest: { prettyName: 'DMMF', defaultOutput: '.' } } };
  const folder = params.generator.output.value;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dmmf.json'), JSON.stringify(params.dmmf.datamodel));
  return { id, result: null };
}

createInterface({ input: stdin }).on('line', (line) => {
  stderr.write(`${JSON.stringify({ jsonrpc: '2.0', ...handle(line) })}\n`);
});
