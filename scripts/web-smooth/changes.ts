import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createTokens } from '../../src/lib/auth/tokens.js';

const DROPS = 30;
/** Enough that each drop finds somebody who holds none of it. */
const USERS = 60;
/** Holds that a drop has at a time, more or less. */
const HELD = 10;
/** Of so many holds that end one is bought, and the others are let go. */
const BOUGHT = 10;

interface ChangesOptions {
  readonly url: string;
  readonly databaseUrl: string;
  /** What the service signs tokens with. */
  readonly secret: string;
  /** Changes a second, of all drops together. */
  readonly rate: number;
}

/** People who reserve, let go and buy, by the API, drop after drop, until stopped. */
export interface Changes {
  /** Somebody who may see everything, as the page keeps it. */
  readonly admin: { readonly token: string; readonly user: object };
  /** Changes so far that the API has confirmed. */
  readonly made: () => number;
  readonly stop: () => Promise<void>;
}

/** Puts drops and people into an empty database, and begins. */
export async function startChanges({ url, databaseUrl, secret, rate }: ChangesOptions): Promise<Changes> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: drops } = await client.query<{ id: string }>(
    `INSERT INTO drops (name, price, total_stock, image_url)
     SELECT 'Drop ' || number, 10, 5000, '/images/sneaker.svg' FROM generate_series(1, ${DROPS}) AS number RETURNING id`,
  );
  const { rows: users } = await client.query<{ id: string; username: string; email: string; role: 'user' | 'admin' }>(
    `INSERT INTO users (username, email, password_hash, role)
     SELECT 'buyer_' || number, 'buyer_' || number || '@example.com', 'unusable',
            CASE number WHEN 0 THEN 'admin' ELSE 'user' END::user_role
     FROM generate_series(0, ${USERS}) AS number RETURNING id, username, email, role`,
  );
  await client.end();

  const tokens = createTokens(secret, 24 * 3600);
  const [admin, ...buyers] = users.map((user) => ({ user, token: tokens.sign(user) }));
  if (!admin) throw new Error('nobody was made');
  const holds = drops.map((): { id: string; token: string }[] => []);
  let made = 0;
  let isOver = false;

  async function ask(method: string, path: string, token: string, body?: object) {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { data?: { reservation?: { id: string } } };
    if (response.ok) made += 1;
    return answer;
  }

  /** One change of one drop. */
  async function change(turn: number): Promise<void> {
    const place = turn % drops.length;
    const round = Math.floor(turn / drops.length);
    const held = holds[place] ?? [];
    const oldest = round % 2 === 1 && held.length >= HELD ? held.shift() : undefined;
    if (oldest) {
      if (round % (2 * BOUGHT) === 1) await ask('POST', '/purchases', oldest.token, { reservationId: oldest.id });
      else await ask('DELETE', `/reservations/${oldest.id}`, oldest.token);
      return;
    }
    const token = buyers[round % buyers.length]?.token ?? admin?.token ?? '';
    const { data } = await ask('POST', '/reservations', token, { dropId: drops[place]?.id });
    if (data?.reservation) held.push({ id: data.reservation.id, token });
  }

  async function goOn(): Promise<void> {
    const start = performance.now();
    const underWay = new Set<Promise<void>>();
    for (let turn = 0; !isOver; turn += 1) {
      const work: Promise<void> = change(turn).finally(() => underWay.delete(work));
      underWay.add(work);
      await sleep(Math.max(0, start + ((turn + 1) * 1_000) / rate - performance.now()));
    }
    await Promise.all(underWay);
  }

  const going = goOn();
  // Whoever stops it hears of it.
  going.catch(() => undefined);
  return {
    admin,
    made: () => made,
    async stop() {
      isOver = true;
      await going;
    },
  };
}
