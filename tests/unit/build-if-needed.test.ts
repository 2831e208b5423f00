import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// The tests use the real script and compilers on a project with one source file and one model. Each test continues from
// the state that the previous one left.
const project = join(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'build-if-needed-'));
const pathOf = (file: string) => join(root, file);
const TOOLS = ['typescript', 'prisma', 'proper-lockfile', '@prisma', 'vite', 'esbuild'];

beforeAll(() => {
  for (const folder of ['scripts', 'prisma', 'src/client', 'node_modules'])
    mkdirSync(pathOf(folder), { recursive: true });
  for (const script of ['build-if-needed.mjs', 'compress-files.mjs'])
    cpSync(join(project, 'scripts', script), pathOf(`scripts/${script}`));
  for (const name of TOOLS)
    symlinkSync(join(project, 'node_modules', name), pathOf(`node_modules/${name}`), 'junction');
  writeFileSync(
    pathOf('package.json'),
    '{ "type": "module", "devDependencies": { "typescript": "*", "prisma": "*" } }',
  );
  writeFileSync(
    pathOf('tsconfig.build.json'),
    JSON.stringify({
      compilerOptions: { module: 'NodeNext', lib: ['ES5'], types: [], rootDir: 'src', noEmitOnError: true },
      include: ['src'],
      exclude: ['src/generated'],
    }),
  );
  writeFileSync(
    pathOf('prisma/schema.prisma'),
    'generator client {\n  provider = "prisma-client"\n  output = "../src/generated/prisma"\n}\n' +
      'datasource db {\n  provider = "postgresql"\n}\nmodel Thing {\n  id Int @id\n}\n',
  );
  writeFileSync(pathOf('src/main.ts'), "export const version: string = 'one';\n");
  writeFileSync(pathOf('src/second.ts'), 'export const second = 2;\n');
  writeFileSync(pathOf('src/client/index.ts'), "export const client = 'a client';\n");
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function build(...flags: string[]): Promise<Outcome> {
  // Without this setting, Prisma tries to download an engine that the generator does not need.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  return new Promise((resolve) => {
    execFile(process.execPath, [pathOf('scripts/build-if-needed.mjs'), ...flags], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

const built = () => readFileSync(pathOf('dist/main.js'), 'utf8');
const identity = () => statSync(pathOf('dist')).ino;

test('a missing build is made, and reported on stderr only', async () => {
  const { code, stdout, stderr } = await build();
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('Compiling');
  expect(built()).toContain("'one'");
  expect(existsSync(pathOf('src/generated/prisma/client.ts'))).toBe(true);
});

test('an unchanged project is not built again, whatever the times of its files', async () => {
  const before = identity();
  utimesSync(pathOf('src/main.ts'), new Date(), new Date());
  expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(identity()).toBe(before);
  expect((await build('--force')).stderr).toContain('Compiling');
  expect(identity()).not.toBe(before);
});

test("--client generates Prisma's client and does not compile", async () => {
  const before = identity();
  writeFileSync(
    pathOf('prisma/schema.prisma'),
    readFileSync(pathOf('prisma/schema.prisma'), 'utf8').replace('Thing', 'Part'),
  );
  const { code, stderr } = await build('--client');
  expect({ code, stderr }).toEqual({ code: 0, stderr: "Generating Prisma's client …\n" });
  expect(existsSync(pathOf('src/generated/prisma/models/Part.ts'))).toBe(true);
  expect(identity()).toBe(before);
});

test('of two concurrent calls, one builds and the other waits for the result', async () => {
  writeFileSync(pathOf('src/main.ts'), "export const version: string = 'two';\n");
  rmSync(pathOf('src/second.ts'));
  const outcomes = await Promise.all([build(), build()]);
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  expect(outcomes.filter(({ stderr }) => stderr.includes('Compiling'))).toHaveLength(1);
  expect(built()).toContain("'two'");
  // The build removes the output of deleted sources.
  expect(existsSync(pathOf('dist/second.js'))).toBe(false);
});

test('a failed build reports the error and keeps the previous build', async () => {
  writeFileSync(pathOf('src/main.ts'), 'export const version: string = 3;\n');
  const { code, stdout, stderr } = await build();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/src\/main\.ts.*TS2322/);
  expect(built()).toContain("'two'");
  expect(existsSync(pathOf('.build'))).toBe(false);
});

describe('the storefront', () => {
  const webIdentity = () => statSync(pathOf('dist/web')).ino;
  const script = (ending = '.js') => {
    const [name = 'none'] = readdirSync(pathOf('dist/web/assets')).filter((file) => file.endsWith(ending));
    return readFileSync(pathOf(`dist/web/assets/${name}`));
  };
  const LONG_TEXT = 'that is long enough to be compressed, '.repeat(50);

  test('is built and compressed if it exists, without a new build of the service', async () => {
    writeFileSync(pathOf('src/main.ts'), "export const version: string = 'two';\n");
    mkdirSync(pathOf('web'));
    writeFileSync(pathOf('web/index.html'), '<!doctype html><script type="module" src="./main.js"></script>');
    writeFileSync(
      pathOf('web/main.js'),
      `import { client } from '../src/client/index.js';\nconsole.log(client, '${LONG_TEXT}');`,
    );
    const before = identity();
    const { code, stdout, stderr } = await build();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'Building the storefront …\n' });
    expect(identity()).toBe(before);
    const content = script();
    expect(content.toString()).toMatch(/a client/);
    expect([brotliDecompressSync(script('.br')), gunzipSync(script('.gz'))]).toEqual([content, content]);
    expect(existsSync(pathOf('dist/web/index.html.br'))).toBe(false);
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('is built again after a change to it or to the service code that it imports', async () => {
    for (const [file, text] of [
      ['web/main.js', "import { client } from '../src/client/index.js';\nconsole.log(client, 'another page');"],
      ['src/client/index.ts', "export const client = 'another client';\n"],
    ] as const) {
      writeFileSync(pathOf(file), text);
      expect((await build()).stderr).toContain('Building the storefront');
    }
    expect(script().toString()).toMatch(/another client.*another page/s);
  });

  test('is not built again after a change to the service only', async () => {
    const before = [identity(), webIdentity()];
    writeFileSync(pathOf('src/main.ts'), "export const version: string = 'three';\n");
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: 'Compiling …\n' });
    expect([identity() === before[0], webIdentity() === before[1]]).toEqual([false, true]);
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('reports a failed build and keeps the previous one', async () => {
    const before = webIdentity();
    writeFileSync(pathOf('web/main.js'), "import './missing.js';");
    const { code, stderr } = await build();
    expect(code).toBe(1);
    expect(stderr).toContain('missing.js');
    expect([webIdentity(), existsSync(pathOf('.build'))]).toEqual([before, false]);
    rmSync(pathOf('web'), { recursive: true });
  });
});

test('without the development dependencies, an existing build is used and a missing one is explained', async () => {
  renameSync(pathOf('node_modules/typescript'), pathOf('node_modules/elsewhere'));
  expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
  rmSync(pathOf('dist'), { recursive: true });
  const { code, stderr } = await build();
  expect(code).toBe(1);
  expect(stderr).toContain('npm ci');
});
