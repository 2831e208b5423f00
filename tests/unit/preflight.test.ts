import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linter } from 'eslint';
import { afterAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');
const PREFLIGHT = join(project, 'scripts/preflight.cjs');
const { scripts, engines } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};
const folder = mkdtempSync(join(tmpdir(), 'preflight-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs Node with another version number. */
function runAsVersion(version: string, args: readonly string[], cwd = project) {
  const versionOverride = join(folder, 'disguise.cjs');
  writeFileSync(
    versionOverride,
    `Object.defineProperty(process.versions, 'node', { value: ${JSON.stringify(version)} });`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', versionOverride, ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('the script is valid ECMAScript 5, so that old versions of Node can read it', () => {
  const options = { languageOptions: { ecmaVersion: 5, sourceType: 'script' } } as const;
  expect(new Linter().verify(readFileSync(PREFLIGHT, 'utf8'), options)).toEqual([]);
});

it.each(Object.entries(scripts))('the script runs first in npm run %s', (_name, script) => {
  expect(script).toMatch(/^node (-r \.\/scripts\/preflight\.cjs |scripts\/preflight\.cjs && )/);
});

describe('Node', () => {
  it.each(['0.10.48', '12.22.12', '18.20.8', '20.9.0', '20.18.3'])(
    'is refused with one line if it is too old: %s',
    (version) => {
      // Node does not read this file: newer syntax would be an error in an old version.
      const entry = join(folder, 'too-new.mjs');
      writeFileSync(entry, 'this is no JavaScript');
      const { status, stdout, stderr } = runAsVersion(version, ['-r', './scripts/preflight.cjs', entry]);
      expect({ status, stdout, stderr }).toEqual({
        status: 1,
        stdout: '',
        stderr: `Node 20.19 or later is needed, and this is Node ${version}: see https://nodejs.org\n`,
      });
    },
  );

  it.each(['20.19.0', '20.100.0', '22.0.0', '24.1.0', '100.0.0', process.versions.node])(
    'is accepted: %s',
    (version) => {
      expect(runAsVersion(version, ['scripts/preflight.cjs'])).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  );

  it('has the minimum version that package.json requires', () => {
    expect(engines.node).toBe('>=20.19');
  });
});

describe('a folder', () => {
  function runIn(name: string) {
    const root = join(folder, name);
    mkdirSync(join(root, 'scripts'), { recursive: true });
    for (const file of ['package.json', 'scripts/preflight.cjs']) cpSync(join(project, file), join(root, file));
    return { root, ...runAsVersion('22.0.0', ['-r', './scripts/preflight.cjs', '-e', 'console.log("runs")'], root) };
  }

  it.each(['a#b', 'what?', 'a*b', '#', 'a/b#c/d'])(
    'with a path that Vite does not support is refused with one line: %s',
    (name) => {
      const { root, status, stdout, stderr } = runIn(name);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toBe(
        `The storefront cannot be built in a folder whose path contains #, ? or *: move or rename ${root}\n`,
      );
    },
  );

  it.each(['a b', '100%', '%23', "it's", 'a"b', 'é限定', 'a&b;c', '$(x)', 'a+b', '[x]', '(y)'])(
    'is accepted: %s',
    (name) => {
      expect(runIn(name)).toMatchObject({ status: 0, stdout: 'runs\n', stderr: '' });
    },
  );
});
