import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { register } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { Copy, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '../../src/commands/cluster-local/processes.js';
import { canTest } from '../helpers/can-test.js';

// These tests need no container engine. They validate each file against the definition of its format and against the
// project. They also validate a broken copy of each file, to show that each check finds errors.
const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'deployment-files-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Service {
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
}

/** Replaces `from` in `text` and fails if `text` does not contain it: an unchanged copy would not be broken. */
function withReplacement(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

describe('compose.yaml', () => {
  const compose = read('compose.yaml');
  const problems = (text: string) => {
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, text);
    const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
    // The type declarations of the linter do not resolve under NodeNext.
    const results = linter.lintFiles([file], false) as { messages: { message: string }[] }[];
    return results.flatMap(({ messages }) => messages.map(({ message }) => message));
  };

  test('is valid', () => {
    expect(problems(compose)).toEqual([]);
  });

  test.each([
    ['an unknown key', 'depends_on: &stores', 'depends: &stores'],
    ['a condition that does not exist', 'service_healthy', 'service_ready'],
    ['an image without a version', 'postgres:17', 'postgres'],
  ])('is invalid with %s', (_, from, to) => {
    expect(problems(withReplacement(compose, from, to))).not.toEqual([]);
  });

  test('is validated against the schema of the Compose Specification', () => {
    const [problem] = problems(withReplacement(compose, 'stop_grace_period: 30s', 'stop_grace_period: [30]'));
    expect(problem).toContain('ComposeValidationError');
  });

  test("mounts the project's proxy settings and has the health checks and roles of its processes", () => {
    const { services } = parse(compose, { merge: true }) as { services: Record<string, Service> };
    expect(Object.keys(services)).toEqual(['api-1', 'api-2', 'database', 'proxy', 'redis', 'worker']);
    const [source = ''] = services.proxy?.volumes?.[0]?.split(':') ?? [];
    expect(existsSync(join(root, source))).toBe(true);
    for (const name of ['database', 'proxy', 'redis', 'worker']) expect(services[name]?.healthcheck).toBeDefined();
    for (const name of ['api-1', 'api-2']) expect(services[name]?.environment?.ROLE).toBe('api');
    // The grace period exceeds the shutdown delay plus the time for running requests.
    expect(Number(services['api-1']?.environment?.SHUTDOWN_DELAY_SECONDS) + 10).toBeLessThan(30);
    expect(services['api-1']?.stop_grace_period).toBe('30s');
  });

  test('does not start without a secret', () => {
    expect(compose).toMatch(/JWT_SECRET: \$\{JWT_SECRET:\?.+\}/);
  });
});

const haproxy = findProgram('haproxy', '-v');
const withHaproxy = canTest('the settings of the proxy', haproxy !== undefined, 'There is no haproxy.');

describe.runIf(withHaproxy)('ops/haproxy/haproxy.cfg', () => {
  const settings = read('ops/haproxy/haproxy.cfg');
  const check = (text: string) => {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, text);
    const addresses = { PROXY_ADDRESS: '127.0.0.1:5000', API_1: '127.0.0.1:5001', API_2: '127.0.0.1:5002' };
    // With -dW, warnings are errors.
    const { status, stdout, stderr } = spawnSync(haproxy ?? 'haproxy', ['-c', '-dW', '-f', file], {
      env: { PATH: process.env.PATH, ...addresses },
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };

  test('is valid', () => {
    expect(check(settings)).toMatchObject({ status: 0 });
  });

  test.each([
    ['an unknown keyword', 'balance leastconn', 'balance lestconn'],
    ['a backend that does not exist', 'default_backend apis', 'default_backend api'],
    ['a check of a server that does not exist', 'track apis/api-1', 'track apis/api-3'],
  ])('is invalid with %s', (_, from, to) => {
    expect(check(withReplacement(settings, from, to)).status).toBe(1);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const problems = (text: string) => validate(text).map(({ message }) => message);
  const missing = (text: string) =>
    DockerfileParser.parse(text)
      .getInstructions()
      .filter((instruction) => instruction instanceof Copy)
      .filter((copy) => copy.getFlags().length === 0)
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((source) => source.getValue())
      .filter((source) => !existsSync(join(root, source)) || !isSentToTheBuilder(source));

  test('is valid', () => {
    expect(problems(dockerfile)).toEqual([]);
  });

  test.each([
    ['an unknown instruction', 'EXPOSE', 'EXPOSES'],
    ['an unknown flag', '--start-period', '--starting-period'],
    ['an invalid port', '5000', 'api'],
    ['a stage without an image', 'FROM node:20-bookworm-slim\n', 'FROM\n'],
  ])('is invalid with %s', (_, from, to) => {
    expect(problems(withReplacement(dockerfile, from, to))).not.toEqual([]);
  });

  test('copies only files that exist and are sent to the builder', () => {
    expect(missing(dockerfile)).toEqual([]);
    expect(missing(withReplacement(dockerfile, 'COPY src ./src', 'COPY source tests ./src'))).toEqual([
      'source',
      'tests',
    ]);
  });

  test('runs the built service as an unprivileged user, without development dependencies', () => {
    const final = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(final).toContain('USER node\n');
    expect(final).toContain('CMD ["node", "dist/main.js"]\n');
    expect(final).toContain('COPY --from=dependencies /app/node_modules');
    expect(dockerfile).toContain('npm ci --omit=dev --omit=optional');
  });

  test('has a health check of /livez, which always passes for a worker because it has no port', async () => {
    const [, command = '[]'] = /HEALTHCHECK .*\\\n\s+CMD (\[.+\])/.exec(dockerfile) ?? [];
    const [, ...script] = JSON.parse(command) as string[];
    const server = createServer((req, res) => res.writeHead(req.url === '/livez' ? status : 404).end()).listen(0);
    const { port } = server.address() as AddressInfo;
    const health = async (env: object) => {
      const child = spawn(process.execPath, script, { env: { PORT: String(port), ...env }, stdio: 'inherit' });
      await once(child, 'close');
      return child.exitCode;
    };
    let status = 200;
    expect(await health({})).toBe(0);
    status = 503;
    expect(await health({})).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await health({})).toBe(1);
    expect(await health({ ROLE: 'worker' })).toBe(0);
  });

  /** Returns whether .dockerignore, which ignores everything except some names, includes this file. */
  function isSentToTheBuilder(source: string): boolean {
    const lines = read('.dockerignore').split('\n');
    return lines.includes('*') && lines.includes(`!${source.split('/')[0]}`) && !lines.includes(source);
  }
});

describe('.github/workflows/ci.yml', () => {
  const workflow = read('.github/workflows/ci.yml');
  const problems = async (content: string) => {
    const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await loadWorkflowParser();
    const { context, value } = parseWorkflow({ name: 'ci.yml', content }, new NoOperationTraceWriter());
    if (value) await convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  };

  test('is valid', async () => {
    expect(await problems(workflow)).toEqual([]);
  });

  test.each([
    ['an unknown key', 'timeout-minutes', 'timeout'],
    ['a step that does nothing', '- run: bash .ci/run install', '- name: bash .ci/run install'],
    ['an expression that does not end', '${{ matrix.node }}', '${{ matrix.node'],
    ['an unknown function', '${{ matrix.node }}', '${{ newest(matrix.node) }}'],
    ['a job without a machine', 'runs-on: ubuntu-latest', 'steps-on: ubuntu-latest'],
  ])('is invalid with %s', async (_, from, to) => {
    expect(await problems(withReplacement(workflow, from, to))).not.toEqual([]);
  });
});

describe('.ci/run', () => {
  const script = read('.ci/run');
  const unknownSteps = (text: string) =>
    [...text.matchAll(/bash \.ci\/run ([a-z ]+)$/gm)]
      .flatMap(([, steps = '']) => steps.split(' '))
      .filter((step) => !script.includes(`\nstep_${step}() {`));

  test('has every step that the workflow runs', () => {
    const workflow = read('.github/workflows/ci.yml');
    expect(unknownSteps(workflow)).toEqual([]);
    expect(unknownSteps(withReplacement(workflow, 'run install check', 'run instal chekc'))).toEqual([
      'instal',
      'chekc',
    ]);
  });

  test('names only tests that exist', () => {
    const [list = ''] = /\ntests_of_server=\(\n[^)]+\)/.exec(script) ?? [];
    const printed = execFileSync('bash', ['-c', `${list}; printf '%s\\n' "\${tests_of_server[@]}"`], {
      encoding: 'utf8',
    });
    const paths = printed.trim().split('\n');
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('npm scripts', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const unknown = (text: string) =>
    [...text.matchAll(/\bnpm (?:(?:run|run-script) (?:-s |--silent )?([\w:-]+)|(test|start)\b)/g)]
      .map(([, named, short]) => named ?? short ?? '')
      .filter((name) => !(name in scripts));

  test.each(['.github/workflows/ci.yml', '.ci/run', 'Dockerfile', 'package.json'])('that %s calls exist', (file) => {
    expect(unknown(read(file))).toEqual([]);
    expect(unknown(`${read(file)}\nnpm run chekc && npm run -s db:url`)).toEqual(['chekc']);
  });

  test('run files that exist', () => {
    for (const command of Object.values(scripts)) {
      const [, entry] = /scripts\/run\.mjs (\S+)/.exec(command) ?? [];
      if (entry) expect([entry, existsSync(join(root, 'src', `${entry}.ts`))]).toEqual([entry, true]);
      for (const [file] of command.matchAll(/scripts\/\S+\.mjs/g)) expect(existsSync(join(root, file))).toBe(true);
    }
  });
});

/** Loads the parser with a hook that adds the import attribute, which Node requires for JSON and the parser lacks. */
function loadWorkflowParser() {
  const hook = `export async function resolve(name, context, next) {
    const found = await next(name, context);
    return name.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found;
  }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  return import('@actions/workflow-parser');
}
