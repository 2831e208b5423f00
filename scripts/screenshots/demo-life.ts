import { setTimeout as sleep } from 'node:timers/promises';

interface Session {
  readonly token: string;
  readonly user: { readonly id: string; readonly role: string };
}

/** People who reserve and buy, so that there is something to see. */
export interface DemoLife {
  readonly sessions: Readonly<Record<'buyer' | 'admin', Session>>;
  /** Lets them go on for so many seconds. */
  goOn(seconds: number): Promise<void>;
}

const ADMIN = { email: 'admin@techzu.com', password: '123456' };
const NAMES = ['ada', 'grace', 'linus', 'margaret', 'edsger', 'barbara', 'donald', 'radia'].flatMap((name) => [
  name,
  `${name}_k`,
  `${name}92`,
]);
/** ms between two of them. */
const PACE = 120;

/** Registers some people at the service of this address, which has its demo data. */
export async function startDemoLife(url: string): Promise<DemoLife> {
  async function ask<Data>(path: string, body?: object, token?: string): Promise<Data | null> {
    const response = await fetch(`${url}/api${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    });
    return response.ok ? ((await response.json()) as { data: Data }).data : null;
  }

  async function signedIn(path: string, body: object): Promise<Session> {
    const session = await ask<Session>(path, body);
    if (!session) throw new Error(`${path} was refused`);
    return session;
  }

  const admin = await signedIn('/users/login', ADMIN);
  const people = await Promise.all(
    NAMES.map((username) =>
      signedIn('/users/register', { username, email: `${username}@example.com`, password: 'correct horse' }),
    ),
  );
  const [buyer = admin, ...others] = people;
  const drops = (await ask<{ id: string }[]>('/drops?status=live&pageSize=100')) ?? [];

  return {
    sessions: { admin, buyer },
    async goOn(seconds) {
      const end = Date.now() + seconds * 1_000;
      for (let turn = 0; Date.now() < end; turn += 1) {
        const { token } = others[turn % others.length] ?? admin;
        // More at the first of them, as in life.
        const drop = drops[Math.floor(Math.random() ** 2 * drops.length)];
        const hold = await ask<{ reservation: { id: string } }>('/reservations', { dropId: drop?.id }, token);
        if (hold && turn % 3 > 0) await ask('/purchases', { reservationId: hold.reservation.id }, token);
        await sleep(PACE);
      }
    },
  };
}
