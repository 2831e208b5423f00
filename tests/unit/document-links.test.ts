import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const documents = ['', 'docs', 'docs/adr', 'bench/results'].flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : [])),
);

/** Returns the anchor that GitHub generates for a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const headingsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Returns the links of `text` whose targets do not exist, relative to `document`. */
function brokenLinks(document: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(root, document) : resolve(root, dirname(document), path);
    if (!existsSync(file) || relative(root, file).startsWith('..')) return true;
    return anchor !== undefined && (!statSync(file).isFile() || !headingsOf(file).includes(anchor));
  });
}

it.for(documents)('every link in %s to a file of the project has a target', (document) => {
  expect(brokenLinks(document, readFileSync(join(root, document), 'utf8'))).toEqual([]);
});

it('the check reports links without a target', () => {
  const good = '[a](operations.md) [b](../README.md#settings) [c](#alarms) [d](../src) [e](https://example.com/x#y)';
  expect(brokenLinks('docs/operations.md', good)).toEqual([]);
  const bad = '[a](operation.md) [b](../README.md#setting) [c](#alarm) [d](../../elsewhere) [e](../src#settings)';
  expect(brokenLinks('docs/operations.md', bad)).toHaveLength(5);
});
