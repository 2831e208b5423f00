import { chmod, readdir, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTemporaryPostgres } from '../../../src/embedded-postgres/index.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { createBench, isRoot, logger, postmasterPid, query } from './support.js';

const bench = createBench();
let folder: string;

beforeEach(async () => {
  folder = await bench.folder();
  // os.tmpdir() reads it each time: the folder is this test's alone.
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await bench.cleanUp();
});

// Others keep things there too.
const left = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith('drop-inventory'));

describe('a temporary PostgreSQL', () => {
  it('is a server of its own, and close removes all of it', async () => {
    const [one, two] = await Promise.all([openTemporaryPostgres({ logger }), openTemporaryPostgres({ logger })]);
    expect(one.port).not.toBe(two.port);
    expect(await query(one.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    const pid = await postmasterPid(one.dataFolder);
    await Promise.all([one.close(), one.close(), two.close()]);
    expect(await isAlive(pid)).toBe(false);
    expect(await left()).toEqual([]);
  });

  it.skipIf(!isRoot)(
    'is removed from where it was moved because only root may enter the temporary folder',
    async () => {
      await chmod(folder, 0o700);
      const server = await openTemporaryPostgres({ logger });
      expect(server.dataFolder.startsWith(folder)).toBe(false);
      await server.close();
      await expect(stat(server.dataFolder)).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await left()).toEqual([]);
    },
  );

  it('that a killed process left is removed when the next one is opened; one in use is not', async () => {
    const used = await openTemporaryPostgres({ logger });
    const orphan = await bench.spawn('--temporary', { TMPDIR: folder }).ready;
    await orphan.kill();
    const pid = await postmasterPid(orphan.dataFolder);
    expect(await isAlive(pid)).toBe(true);

    const next = await openTemporaryPostgres({ logger });
    expect(await isAlive(pid)).toBe(false);
    expect(await left()).toHaveLength(2);
    expect(await query(used.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all([used.close(), next.close()]);
    expect(await left()).toEqual([]);
  });
});
