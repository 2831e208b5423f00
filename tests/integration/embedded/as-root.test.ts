import { chmod, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { binariesIn, locateBinaries, majorVersion } from '../../../src/embedded-postgres/binaries.js';
import { removeCluster } from '../../../src/embedded-postgres/paths.js';
import { chooseUnprivilegedUser } from '../../../src/embedded-postgres/unprivileged-user.js';
import { shareBinaries } from '../../../src/embedded-postgres/shared-directory.js';
import { createFixture, isRoot, query } from './support.js';

const fixture = createFixture();
afterEach(() => fixture.cleanUp());

const ROOT = { uid: 0, gid: 0 };

describe.skipIf(!isRoot)('the embedded PostgreSQL, started by root,', () => {
  it('runs as an unprivileged user that owns the data, also after root copied the folder', async () => {
    const dataDir = await fixture.folder();
    const server = await fixture.open(dataDir);
    const data = await stat(server.dataFolder);
    expect(data.uid).not.toBe(0);
    expect(data.mode & 0o777).toBe(0o700);
    const secret = await stat(join(dirname(server.dataFolder), 'state.json'));
    expect({ uid: secret.uid, mode: secret.mode & 0o777 }).toEqual({ uid: 0, mode: 0o600 });
    await server.close();

    const folder = await fixture.folder();
    await cp(dataDir, folder, { recursive: true });
    expect((await stat(join(folder, 'postgres', 'data', 'base'))).uid).toBe(0);
    await chmod(join(folder, 'postgres'), 0o700);
    const copy = await fixture.open(folder);
    expect((await stat(join(copy.dataFolder, 'base'))).uid).toBe(data.uid);
    await copy.close();
  });

  it('keeps the data of a folder that only root can enter in one other directory', async () => {
    const dataDir = await fixture.folder(0o700);
    const first = await fixture.open(dataDir);
    expect(first.dataFolder.startsWith(dataDir)).toBe(false);
    const data = await stat(first.dataFolder);
    expect(data.uid).not.toBe(0);
    expect(data.mode & 0o777).toBe(0o700);
    const pointer = join(dataDir, 'embedded-postgres.json');
    expect(JSON.parse(await readFile(pointer, 'utf8'))).toEqual({ dataDir, folder: dirname(first.dataFolder) });
    expect((await stat(pointer)).mode & 0o777).toBe(0o600);
    await query(first.url, 'CREATE TABLE kept ()');
    await first.close();

    const [second, third] = await Promise.all([fixture.open(dataDir), fixture.open(dataDir)]);
    expect([second.dataFolder, third.dataFolder]).toEqual([first.dataFolder, first.dataFolder]);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([]);
    await Promise.all([second.close(), third.close()]);
  });

  it('creates one cluster when concurrent first starts use a folder that only root can enter', async () => {
    const dataDir = await fixture.folder(0o700);
    const servers = await Promise.all([fixture.open(dataDir), fixture.open(dataDir)]);
    expect(servers[0].url).toBe(servers[1].url);
    await Promise.all(servers.map((server) => server.close()));
  });

  it('creates new data for a copied folder and keeps the data of a moved folder', async () => {
    const parent = await fixture.folder(0o700);
    const original = join(parent, 'original');
    const first = await fixture.open(original);
    await first.close();
    try {
      await cp(original, join(parent, 'copy'), { recursive: true });
      const copy = await fixture.open(join(parent, 'copy'));
      expect(copy.dataFolder).not.toBe(first.dataFolder);
      await copy.close();
      await rename(original, join(parent, 'moved'));
      const moved = await fixture.open(join(parent, 'moved'));
      expect(moved.dataFolder).toBe(first.dataFolder);
      await moved.close();
    } finally {
      for (const name of ['original', 'copy', 'moved']) await removeCluster(join(parent, name));
    }
  });

  it('copies binaries that only root can read, with their symbolic links, to a shared directory', async () => {
    const restrictedDirectory = join(await fixture.folder(0o700), 'native');
    const packaged = await locateBinaries();
    await cp(packaged.root, restrictedDirectory, { recursive: true, verbatimSymlinks: true });
    const binaries = { ...binariesIn(restrictedDirectory, packaged), build: 'test' };
    const user = await chooseUnprivilegedUser(ROOT, true);
    expect(await majorVersion(binaries, user)).toHaveProperty('problem');

    const sharedDirectory = await fixture.folder();
    const copies = await Promise.all([
      shareBinaries(binaries, sharedDirectory, user),
      shareBinaries(binaries, sharedDirectory, user),
    ]);
    expect(copies[0]).toEqual(copies[1]);
    expect(await majorVersion(copies[0], user)).toEqual(await majorVersion(packaged));
    expect(copies[0].root.startsWith(sharedDirectory)).toBe(true);

    // A damaged copy is replaced.
    await rm(copies[0].postgres);
    await mkdir(join(copies[0].root, 'leftover'));
    expect(await majorVersion(await shareBinaries(binaries, sharedDirectory, user), user)).toHaveProperty('major');
  });
});
