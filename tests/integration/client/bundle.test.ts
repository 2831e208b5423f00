import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as client from '../../../src/client/index.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { becomes, eventually } from './support.js';

const ROOT = join(import.meta.dirname, '../../..');

/** Bundles the client for browsers. */
async function bundle() {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, 'src/client/index.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'client',
    logLevel: 'silent',
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

describe('the client in a browser', () => {
  let app: TestApp;
  let bundled: Awaited<ReturnType<typeof bundle>>;

  beforeAll(async () => {
    [app, bundled] = await Promise.all([startTestApp(), bundle()]);
  });

  afterAll(() => app.close());

  it('contains socket.io-client, and of the server only the order of snapshots', () => {
    const own = bundled.inputs.filter((file) => !file.startsWith('node_modules/'));
    expect(own.filter((file) => !/^src\/client\/[a-z-]+\.ts$/.test(file))).toEqual([
      'src/inventory/inventory-snapshot.ts',
    ]);
    expect(own).toContain('src/client/drop-feed.ts');
    const packages = new Set(
      bundled.inputs.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
    );
    expect([...packages].sort()).toEqual([
      '@socket.io/component-emitter',
      'engine.io-client',
      'engine.io-parser',
      'socket.io-client',
      'socket.io-parser',
    ]);
  });

  it('is built as one module that imports only socket.io-client', async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(ROOT, 'dist/client/index.js')],
      bundle: true,
      packages: 'external',
      format: 'esm',
      write: false,
      metafile: true,
      absWorkingDir: ROOT,
    });
    expect(outputFiles).toHaveLength(1);
    expect(Object.keys(metafile.inputs)).toEqual(['dist/client/index.js']);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports).toEqual(['socket.io-client']);
  });

  it('works with the globals of a browser', async () => {
    const dropId = await app.createDrop();
    // Contains only the globals that the client uses and that browsers have, none of Node.
    const browser = createContext({ WebSocket, setTimeout, clearTimeout, URL, TextDecoder, TextEncoder });
    runInContext('globalThis.window = globalThis.self = globalThis', browser);
    runInContext(bundled.text, browser);
    const { createDropFeed } = browser.client as typeof client;
    const feed = createDropFeed(app.url, { dropIds: [dropId] });
    try {
      await becomes(feed, 'live');
      await app.reserve(await app.createUser(), dropId).expect(201);
      await eventually(() => {
        expect(feed.get(dropId)).toMatchObject({ version: 2, availableStock: 9 });
      });
    } finally {
      feed.close();
    }
  });
});
