import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { signToken } from '../../harness/load-users.js';
import { clock, runChild } from '../../processes/child.js';
import { openLiveClient } from '../../processes/live-client.js';
import { createCounts } from '../generators/counts.js';
import { addressOf } from '../generators/requests.js';

export interface BuyersPlan {
  readonly port: number;
  readonly dropId: string;
  readonly firstUser: number;
  readonly count: number;
  readonly firstAddress: number;
  /** The users are spread over as many addresses. */
  readonly addresses: number;
  /** How often each user tries while they have no unit. */
  readonly attemptsPerSecond: number;
  /** Whether each user also tries as soon as the live feed shows a free unit. */
  readonly followsFeed: boolean;
  /** Whether a user buys the unit, 1 to 3 s after it was reserved. Otherwise its hold expires and the user tries again. */
  readonly buys: boolean;
  /** In ms since 1970. */
  readonly startAt: number;
  readonly endAt: number;
}

export interface BuyersResult {
  /** The responses to reservations, by status or problem code. */
  readonly answers: Readonly<Record<string, number>>;
  readonly bought: number;
}

const FEED_REACTION_MS = { min: 50, max: 300 };
const BUYING_MS = { min: 1_000, max: 3_000 };
const MAX_CONNECTIONS = 100;

interface Response {
  readonly status: number;
  readonly body: { readonly code?: string; readonly data?: { readonly reservation: Reservation } };
}

interface Reservation {
  readonly id: string;
  readonly expiresAt: string;
}

await runChild(async (plan: BuyersPlan) => ({ result: await sendBuyers(plan) }));

/** Lets each user try to get one unit of the drop until the end. */
async function sendBuyers(plan: BuyersPlan): Promise<BuyersResult> {
  const { port, dropId, count, attemptsPerSecond, followsFeed, buys, startAt, endAt } = plan;
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const answers = createCounts();
  const waiting = new Set<() => void>();
  let bought = 0;
  const feed = followsFeed
    ? openLiveClient(port, dropId, (text) => {
        if (!text.includes('"availableStock":0,')) for (const attempt of waiting) attempt();
      })
    : null;
  await feed?.subscribed;

  async function run(index: number): Promise<void> {
    const send = clientOf(plan, agent, index);
    await sleep(startAt + (Math.random() * 1_000) / attemptsPerSecond - clock());
    while (clock() < endAt) {
      const { status, body } = await send('/api/reservations', { dropId });
      answers.add(body.code ?? status);
      const reservation = body.data?.reservation;
      if (reservation && buys) {
        await sleep(between(BUYING_MS));
        const purchase = await send('/api/purchases', { reservationId: reservation.id });
        if (purchase.status === 201) bought += 1;
        return;
      }
      if (reservation) await sleep(Math.min(Date.parse(reservation.expiresAt), endAt) - clock());
      else await pause();
    }
  }

  /** Resolves when the next attempt is due. */
  async function pause(): Promise<void> {
    const until = new AbortController();
    const attempt = () => {
      waiting.delete(attempt);
      setTimeout(() => {
        until.abort();
      }, between(FEED_REACTION_MS));
    };
    waiting.add(attempt);
    // Not in step with the others.
    const intervalMs = (1_000 / attemptsPerSecond) * (0.8 + 0.4 * Math.random());
    await sleep(intervalMs, undefined, { signal: until.signal }).catch(() => undefined);
    waiting.delete(attempt);
  }

  await Promise.all(Array.from({ length: count }, (_, index) => run(index)));
  feed?.terminate();
  agent.destroy();
  return { answers: answers.counts, bought };
}

function between({ min, max }: { readonly min: number; readonly max: number }): number {
  return min + Math.random() * (max - min);
}

/** The requests of one user. A request without a response counts as status 0. */
function clientOf({ port, firstUser, firstAddress, addresses }: BuyersPlan, agent: Agent, index: number) {
  const headers = {
    Authorization: `Bearer ${signToken(firstUser + index)}`,
    'Content-Type': 'application/json',
    'X-Forwarded-For': addressOf(firstAddress + (index % addresses)),
  };
  return (path: string, content: object): Promise<Response> =>
    new Promise((resolve) => {
      const fail = () => {
        resolve({ status: 0, body: {} });
      };
      const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', fail);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Response['body'] });
        });
      });
      sent.on('error', fail);
      sent.end(JSON.stringify(content));
    });
}
