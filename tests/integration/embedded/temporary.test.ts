import { chmod, readdir, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTemporaryPostgres } from '../../../src/embedded-postgres/index.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { createFixture, isRoot, logger, postmasterPid, query } from './support.js';

const fixture = createFixture();
let folder: string;

beforeEach(async () => {
  folder = await fixture.folder();
  // os.tmpdir() reads TMPDIR at each call, so this test has its own folder.
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await fixture.cleanUp();
});

// Other programs use the temporary folder too.
const remainingFiles = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('drop-inventory'));

describe('a temporary PostgreSQL', () => {
  it('is a separate server, and close removes its files', async () => {
    const [one, two] = await Promise.all([openTemporaryPostgres({ logger }), openTemporaryPostgres({ logger })]);
    expect(one.port).not.toBe(two.port);
    expect(await query(one.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    const pid = await postmasterPid(one.dataFolder);
    await Promise.all([one.close(), one.close(), two.close()]);
    expect(await isAlive(pid)).toBe(false);
    expect(await remainingFiles()).toEqual([]);
  });

  it.skipIf(!isRoot)('is removed from its other directory if only root can enter the temporary folder', async () => {
    await chmod(folder, 0o700);
    const server = await openTemporaryPostgres({ logger });
    expect(server.dataFolder.startsWith(folder)).toBe(false);
    await server.close();
    await expect(stat(server.dataFolder)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await remainingFiles()).toEqual([]);
  });

  it('is removed when the next one opens if its process was killed, but not while its process runs', async () => {
    const used = await openTemporaryPostgres({ logger });
    const orphan = await fixture.spawn('--temporary', { TMPDIR: folder }).ready;
    await orphan.kill();
    const pid = await postmasterPid(orphan.dataFolder);
    expect(await isAlive(pid)).toBe(true);

    const next = await openTemporaryPostgres({ logger });
    expect(await isAlive(pid)).toBe(false);
    expect(await remainingFiles()).toHaveLength(2);
    expect(await query(used.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all([used.close(), next.close()]);
    expect(await remainingFiles()).toEqual([]);
  });
});
