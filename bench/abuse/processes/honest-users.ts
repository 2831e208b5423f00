import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock, runChild } from '../../processes/child.js';
import { PASSWORD } from '../attack.js';
import { emailOf } from '../attacks/sign-in-flood.js';
import { createCounts } from '../generators/counts.js';
import { requestBytes, reservationRequest } from '../generators/requests.js';
import { createResponseReader } from '../generators/response-reader.js';

export interface HonestPlan {
  readonly port: number;
  readonly dropId: string;
  /** Each request belongs to the next load user, and none reserves twice. */
  readonly firstUser: number;
  readonly perSecond: number;
  /** In ms since 1970. */
  readonly startAt: number;
  readonly endAt: number;
  /** Whether a user also signs in once a second. */
  readonly withSignIns: boolean;
}

export interface HonestTraffic {
  /** Of the requests that were answered as expected, from the moment each was due; others count as {@link FAILED_MS}. */
  readonly latenciesMs: readonly number[];
  readonly failed: number;
  readonly answers: Readonly<Record<string, number>>;
}

export interface HonestResult {
  readonly reservations: HonestTraffic;
  /** Null without sign-ins. */
  readonly signIns: HonestTraffic | null;
}

/** How long a user waits for a response. */
export const FAILED_MS = 10_000;

const SIGN_INS_PER_SECOND = 1;
/** Sign-ins belong to users who are far from those who reserve. */
const SIGN_IN_CLIENTS = 0x400000;

await runChild(async (plan: HonestPlan) => {
  const { dropId, firstUser, perSecond } = plan;
  const [reservations, signIns] = await Promise.all([
    sendOnTime(plan, {
      perSecond,
      expected: 201,
      request: (index) => reservationRequest(dropId, firstUser + index, { client: firstUser + index, close: true }),
    }),
    plan.withSignIns
      ? sendOnTime(plan, {
          perSecond: SIGN_INS_PER_SECOND,
          expected: 200,
          request: (index) =>
            requestBytes('POST', '/api/users/login', {
              body: { email: emailOf(firstUser + index), password: PASSWORD },
              client: SIGN_IN_CLIENTS + firstUser + index,
              close: true,
            }),
        })
      : null,
  ]);
  const result: HonestResult = { reservations, signIns };
  return { result };
});

interface Stream {
  readonly perSecond: number;
  /** Any other status is a failure. */
  readonly expected: number;
  request(index: number): Buffer;
}

/** Sends each request at its time, whether or not the earlier ones have been answered, on a connection of its own. */
async function sendOnTime(
  { port, startAt, endAt }: HonestPlan,
  { perSecond, expected, request }: Stream,
): Promise<HonestTraffic> {
  const answers = createCounts();
  const count = Math.floor(((endAt - startAt) * perSecond) / 1000);
  const requests = Array.from({ length: count }, (_, index) => request(index));
  const latenciesMs = await Promise.all(
    requests.map(async (bytes, index) => {
      const dueAt = startAt + (index * 1000) / perSecond;
      await sleep(dueAt - clock());
      const answer = await answerTo(port, bytes, dueAt + FAILED_MS);
      answers.add(answer);
      return answer === expected ? clock() - dueAt : FAILED_MS;
    }),
  );
  const failed = count - (answers.counts[expected] ?? 0);
  return { latenciesMs, failed, answers: answers.counts };
}

/** The status of the response, or why there is none. */
async function answerTo(port: number, request: Buffer, deadline: number): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => socket.write(request));
    const timer = setTimeout(() => {
      end('no answer');
    }, deadline - clock());
    const end = (answer: number | string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', createResponseReader(end));
    socket.once('error', () => {
      end('connection failed');
    });
    socket.once('close', () => {
      end('connection closed');
    });
  });
}
