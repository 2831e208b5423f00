import { setTimeout as sleep } from 'node:timers/promises';

interface Session {
  readonly token: string;
  readonly user: { readonly id: string; readonly role: string };
}

/** Users who reserve and buy, so that the pages have content. */
export interface DemoUsers {
  readonly sessions: Readonly<Record<'buyer' | 'admin', Session>>;
  /** Creates a drop of 14 units, and returns its id. */
  createDrop(options: { readonly isPublished: boolean }): Promise<string>;
  /** Restocks a drop, and lets all users reserve it: most of those who get a unit buy it, and the others are refused. */
  sellOut(dropId: string): Promise<void>;
  /** Lets them reserve and buy for this many seconds. */
  trade(seconds: number): Promise<void>;
}

const ADMIN = { email: 'admin@techzu.com', password: '123456' };
const NAMES = ['ada', 'grace', 'linus', 'margaret', 'edsger', 'barbara', 'donald', 'radia'].flatMap((name) => [
  name,
  `${name}_k`,
  `${name}92`,
]);
const PAUSE_MS = 120;
/** The service has counted the refusals by then. */
const FLUSH_MS = 2_000;

/** Registers users at the service at this URL, which has its demo data. */
export async function registerDemoUsers(url: string): Promise<DemoUsers> {
  async function request<Data>(path: string, body?: object, token?: string): Promise<Data | null> {
    const response = await fetch(`${url}/api${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    });
    return response.ok ? ((await response.json()) as { data: Data }).data : null;
  }

  async function signedIn(path: string, body: object): Promise<Session> {
    const session = await request<Session>(path, body);
    if (!session) throw new Error(`${path} was refused`);
    return session;
  }

  const admin = await signedIn('/users/login', ADMIN);
  const users: Session[] = [];
  // One after the other: the service refuses sign-ins that would wait too long, which many at once may on a busy machine.
  for (const username of NAMES) {
    const account = { username, email: `${username}@example.com`, password: 'correct horse' };
    users.push(await signedIn('/users/register', account));
  }
  const [buyer = admin, ...others] = users;
  const drops = (await request<{ id: string }[]>('/drops?status=live&pageSize=100')) ?? [];

  return {
    sessions: { admin, buyer },
    async createDrop({ isPublished }) {
      const body = {
        name: 'Meridian Watch',
        price: '240.00',
        totalStock: 14,
        imageUrl: '/images/watch.svg',
        published: isPublished,
      };
      const drop = await request<{ id: string }>('/drops', body, admin.token);
      if (!drop) throw new Error('The drop was refused');
      return drop.id;
    },
    async sellOut(dropId) {
      await request(`/drops/${dropId}/stock`, { delta: 4, reason: 'A second delivery' }, admin.token);
      for (const [turn, { token }] of others.entries()) {
        const hold = await request<{ reservation: { id: string } }>('/reservations', { dropId }, token);
        if (hold && turn % 3 > 0) await request('/purchases', { reservationId: hold.reservation.id }, token);
      }
      await sleep(FLUSH_MS);
    },
    async trade(seconds) {
      const end = Date.now() + seconds * 1_000;
      for (let turn = 0; Date.now() < end; turn += 1) {
        const { token } = others[turn % others.length] ?? admin;
        // The first drops are the most popular ones.
        const drop = drops[Math.floor(Math.random() ** 2 * drops.length)];
        const hold = await request<{ reservation: { id: string } }>('/reservations', { dropId: drop?.id }, token);
        if (hold && turn % 3 > 0) await request('/purchases', { reservationId: hold.reservation.id }, token);
        await sleep(PAUSE_MS);
      }
    },
  };
}
