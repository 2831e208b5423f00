import { readFile } from 'node:fs/promises';
import { EmbeddedPostgresError, USE_DATABASE_URL } from './errors.js';
import { run, type PlainUser } from './run.js';

const PREFERRED = ['postgres', 'nobody'];

/** Whether PostgreSQL has to run as somebody else than this process. */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that PostgreSQL runs as when this process is root.
 * @param owner who the cluster, or the folder it will be made in, belongs to: the best choice unless that is root.
 * @param mustBeListed initdb refuses a user that the system's list does not know; a server does not ask.
 */
export async function choosePlainUser(
  owner: { readonly uid: number; readonly gid: number },
  mustBeListed: boolean,
): Promise<PlainUser> {
  const users = await listedUsers();
  const listed = users.find((user) => user.uid === owner.uid);
  const chosen =
    owner.uid === 0
      ? undefined
      : (listed ?? (mustBeListed ? undefined : { name: String(owner.uid), uid: owner.uid, gid: owner.gid }));
  const user = chosen ?? PREFERRED.flatMap((name) => users.filter((each) => each.name === name && each.uid !== 0))[0];
  if (!user) {
    throw new EmbeddedPostgresError(
      'PostgreSQL does not run as root, and this system has no user "postgres" or "nobody" to run it as. ' +
        `Start the service as a plain user, or ${USE_DATABASE_URL}.`,
    );
  }
  await assertSwitchable(user);
  return user;
}

/** Whether the user really gets into the folder; modes alone do not tell (parents, ACLs, mounts). */
export async function canEnter(user: PlainUser, folder: string): Promise<boolean> {
  const { code } = await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], user);
  return code === 0;
}

async function listedUsers(): Promise<PlainUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid && !name.startsWith('#') ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

// Root without the right to become somebody else: a user namespace or a container that took it away.
async function assertSwitchable(user: PlainUser): Promise<void> {
  const { code, output } = await run('/bin/sh', ['-c', 'true'], user);
  if (code === 0) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and root here may not run it as "${user.name}" either (${output}). ` +
      `Start the service as a plain user, or ${USE_DATABASE_URL}.`,
  );
}
