import { readFile } from 'node:fs/promises';
import { EmbeddedPostgresError, USE_DATABASE_URL } from './errors.js';
import { run, type UnprivilegedUser } from './run.js';

const PREFERRED = ['postgres', 'nobody'];

/** Whether PostgreSQL has to run as another user than this process. */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that PostgreSQL runs as when this process is root.
 *
 * @param owner the owner of the cluster, or of the folder for it, who is chosen unless that is root.
 * @param mustBeListed initdb requires a user of /etc/passwd; a server does not.
 */
export async function chooseUnprivilegedUser(
  owner: { readonly uid: number; readonly gid: number },
  mustBeListed: boolean,
): Promise<UnprivilegedUser> {
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
        `Start the service as an unprivileged user, or ${USE_DATABASE_URL}.`,
    );
  }
  await assertSwitchable(user);
  return user;
}

/** Whether the user can enter the folder. Modes alone do not show it (parents, ACLs, mounts). */
export async function canEnter(user: UnprivilegedUser, folder: string): Promise<boolean> {
  const { code } = await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], user);
  return code === 0;
}

async function listedUsers(): Promise<UnprivilegedUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid && !name.startsWith('#') ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

// In a user namespace or a container, root may lack the right to change its user.
async function assertSwitchable(user: UnprivilegedUser): Promise<void> {
  const { code, output } = await run('/bin/sh', ['-c', 'true'], user);
  if (code === 0) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and root here may not run it as "${user.name}" either (${output}). ` +
      `Start the service as an unprivileged user, or ${USE_DATABASE_URL}.`,
  );
}
