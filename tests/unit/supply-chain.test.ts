import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}
interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}
interface Manifest {
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly [dependencies: string]: unknown;
}

/** The installed packages by their names; the entry without a path is the project itself. */
const lockedPackages = ({ packages }: Lock) =>
  Object.entries(packages).flatMap(([path, locked]) =>
    path === '' ? [] : [{ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...locked }],
  );

/** The names of packages that run a script when they are installed, without repetition. */
const withInstallScript = (lock: Lock) => [
  ...new Set(lockedPackages(lock).flatMap(({ name, hasInstallScript }) => (hasInstallScript ? [name] : []))),
];

describe.each(['', 'ops/otel/'])('the dependencies of %spackage.json', (folder) => {
  const manifest = JSON.parse(read(`${folder}package.json`)) as Manifest;
  const lock = JSON.parse(read(`${folder}package-lock.json`)) as Lock;
  const known = Object.keys(manifest.allowScripts ?? {});

  it('with install scripts are those that allowScripts decides on, and no others', () => {
    expect(withInstallScript(lock).sort()).toEqual(known.sort());
  });

  it('have an integrity hash, and no address of their own to be downloaded from', () => {
    const packages = lockedPackages(lock);
    expect(packages.length).toBeGreaterThan(30);
    expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('have exact versions', () => {
    const wanted = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries((manifest[kind] ?? {}) as Record<string, string>),
    );
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

it('a new install script would be found, also of a nested package', () => {
  const nested = { 'node_modules/a/node_modules/@scope/b': { hasInstallScript: true } };
  expect(withInstallScript({ packages: { '': { hasInstallScript: true }, 'node_modules/a': {}, ...nested } })).toEqual([
    '@scope/b',
  ]);
});

it('CI audits both packages for vulnerabilities and signatures, without running install scripts', () => {
  const workflow = parse(read('.github/workflows/ci.yml')) as {
    jobs: Record<string, { strategy?: { matrix: object }; steps: { run?: string }[] }>;
  };
  const { strategy, steps } = workflow.jobs.dependencies ?? { steps: [] };
  expect(strategy?.matrix).toEqual({ package: ['.', 'ops/otel'] });
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
    'npm ci --ignore-scripts',
    'npm audit --omit=dev --audit-level=high',
    'npm audit signatures',
  ]);
});
