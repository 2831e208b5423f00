// Brings dist/ up to date with the sources, including the storefront in dist/web/; with --client only Prisma's generated client:
//   node scripts/build-if-needed.mjs [--client] [--force]
// A stamp of the sources' content decides, so that a checkout or a copy, which changes the time of every file, causes no build.
// Incremental builds do not replace the stamp: Vite and `prisma generate` have none, `tsc --incremental` keeps the output of deleted
// sources, and it writes into dist/ file by file while another process may be loading it.
// All messages go to stderr: stdout belongs to the command that runs afterwards.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compressFiles } from './compress-files.mjs';

const root = join(import.meta.dirname, '..');
const path = (/** @type {string[]} */ ...parts) => join(root, ...parts);
const PRISMA = path('node_modules/prisma/build/index.js');
const TSC = path('node_modules/typescript/bin/tsc');
const VITE = path('node_modules/vite/bin/vite.js');

/** @typedef {{ stampFile: string; inputs: () => string[] }} Goal */

/** @type {Goal} */
const client = {
  stampFile: path('src/generated/.stamp'),
  inputs: () => ['prisma/schema.prisma', 'package-lock.json'].map((file) => path(file)),
};
const dist = {
  stampFile: path('dist/.stamp'),
  inputs: () => [
    ...client.inputs(),
    path('tsconfig.json'),
    path('tsconfig.build.json'),
    import.meta.filename,
    ...filesIn('src').filter((file) => !file.startsWith(path('src/generated'))),
  ],
};
/** The storefront: its sources, and those of the service that it contains. */
const web = {
  stampFile: path('dist/web/.stamp'),
  inputs: () => [
    path('package-lock.json'),
    ...filesIn('web'),
    ...filesIn('src/client'),
    path('public/design/tokens.css'),
    path('src/inventory/inventory-snapshot.ts'),
  ],
};

/**
 * Generates, compiles and builds what is out of date; any number of callers may do so at once. Without the development
 * dependencies an existing build is used as it is.
 *
 * @param {{ clientOnly?: boolean; force?: boolean }} [options]
 * @throws {Error} the build failed; an earlier build stays unchanged.
 */
export async function buildIfNeeded({ clientOnly = false, force = false } = {}) {
  const isDone = clientOnly ? isFresh(client) : isFresh(dist) && (!hasWeb() || isFresh(web));
  if (!force && isDone) return;
  if (!hasDevDependencies()) {
    if (existsSync(path('dist/main.js'))) return;
    throw new Error(
      'There is no build in dist/, and the development dependencies to build it are not installed: run `npm ci` first.',
    );
  }
  const release = await lock();
  try {
    if (force || !isFresh(client)) await generateClient();
    if (clientOnly) return;
    if (force || !isFresh(dist)) await compile();
    if (hasWeb() && (force || !isFresh(web))) await buildWeb();
  } finally {
    await release();
  }
}

/**
 * Whether all development dependencies are installed. With `--omit=dev` some are: Prisma and TypeScript are optional peers of
 * @prisma/client.
 */
export function hasDevDependencies() {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  const { devDependencies } = /** @type {{ devDependencies: object }} */ (manifest);
  return Object.keys(devDependencies).every((name) => existsSync(path('node_modules', name)));
}

async function generateClient() {
  console.error("Generating Prisma's client …");
  const stamp = stampOf(client);
  await run(PRISMA, 'generate');
  writeFileSync(client.stampFile, stamp);
}

async function compile() {
  console.error('Compiling …');
  await swapIn(dist, path('dist'), async (fresh) => {
    await run(TSC, '--project', path('tsconfig.build.json'), '--outDir', fresh);
    await bundleClient(join(fresh, 'client'));
    // Unchanged, inside the folder that is replaced.
    if (existsSync(path('dist/web'))) renameSync(path('dist/web'), join(fresh, 'web'));
  });
}

/**
 * Replaces the client's entry by one module that contains all of it except packages, to copy into other projects.
 *
 * @param {string} folder
 */
async function bundleClient(folder) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [path('src/client/index.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    logLevel: 'silent',
  });
}

async function buildWeb() {
  console.error('Building the storefront …');
  await swapIn(web, path('dist/web'), async (fresh) => {
    await run(VITE, 'build', path('web'), '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn');
    await compressFiles(fresh);
  });
}

/**
 * Builds beside `folder` and replaces it by renaming, so that no process finds an incomplete build.
 *
 * @param {Goal} goal
 * @param {string} folder
 * @param {(fresh: string) => Promise<void>} build
 */
async function swapIn(goal, folder, build) {
  const [fresh, old] = [path('.build'), path('.build-old')];
  const clean = () => [fresh, old].forEach((each) => rmSync(each, { recursive: true, force: true }));
  clean();
  try {
    const stamp = stampOf(goal);
    await build(fresh);
    writeFileSync(join(fresh, '.stamp'), stamp);
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } finally {
    clean();
  }
}

function hasWeb() {
  return existsSync(path('web/index.html'));
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(path(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @param {Goal} goal */
function isFresh(goal) {
  return existsSync(goal.stampFile) && readFileSync(goal.stampFile, 'utf8') === stampOf(goal);
}

/** @param {Goal} goal */
function stampOf({ inputs }) {
  const hash = createHash('sha256');
  for (const file of inputs().filter(existsSync).sort()) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** Takes the lock that permits one build at a time. The lock of a killed process expires after ten seconds. */
async function lock() {
  const { default: lockfile } = await import('proper-lockfile');
  const options = { lockfilePath: path('node_modules/.build.lock') };
  if (await lockfile.check(root, options)) console.error('Waiting for another build to end …');
  return lockfile.lock(root, { ...options, retries: { retries: 600, factor: 1, minTimeout: 500 } });
}

/**
 * Runs a Node program. Its output is shown if it fails.
 *
 * @param {string[]} command
 */
async function run(...command) {
  // A build is always for production, also when a test runner starts it.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  const keep = (/** @type {Buffer} */ chunk) => output.push(chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${Buffer.concat(output).toString()}\nThe build failed: see above.`);
}

if (process.argv[1] === import.meta.filename) {
  const has = (/** @type {string} */ flag) => process.argv.includes(flag);
  await buildIfNeeded({ clientOnly: has('--client'), force: has('--force') }).catch(fail);
}

/**
 * Ends the process with the message of `error`.
 *
 * @param {Error} error
 */
export function fail(error) {
  console.error(error.message);
  process.exit(1);
}
