import { afterAll, afterEach } from 'vitest';
import { takeFindings } from './findings.js';
import { clearPasswords } from './secrets.js';

function throwFindings(): void {
  const lines = takeFindings().map(({ kind, where, excerpt }) => `${kind} in ${where}: …${excerpt}…`);
  if (lines.length > 0) throw new Error(`What the service sent or logged contains secrets:\n${lines.join('\n')}`);
}

// Of every test file. These hooks run after those of the file, which may still send requests.
afterEach(throwFindings);
afterAll(() => {
  clearPasswords();
  throwFindings();
});
