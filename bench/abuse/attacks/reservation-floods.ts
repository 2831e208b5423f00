import type { Attack, Target } from '../attack.js';
import { signToken } from '../../harness/load-users.js';
import { sendPacedRequests } from '../generators/paced-requests.js';
import {
  FIRST_ATTACKING_CLIENT,
  refusedRequest,
  requestBytes,
  requestsOf,
  reservationRequest,
} from '../generators/requests.js';

const DELETED_ACCOUNTS = 1_000;
/** As many as their rate limits admit. */
const DELETED_PER_SECOND = 10_000;
/** No load user has such a number. */
const FIRST_DELETED = 100_000_000;

const BOT_CONNECTIONS = 16;

const LARGE_BODIES_PER_SECOND = 500;
const LARGE_BODY_CONNECTIONS = 50;
/** Just below the limit of 16 kB, nested as deeply as it allows. */
const DEEP_JSON = '['.repeat(8_000) + ']'.repeat(8_000);
const BOT_PER_SECOND = 1_000;

/** Of a client: its token is valid, and its account does not exist. */
type DeletedRequest = (dropId: string, client: number) => Buffer;

export const deletedAccounts = deletedAccountFlood('deleted-accounts', 'reservations', (dropId, client) =>
  reservationRequest(dropId, FIRST_DELETED + client, { client: FIRST_ATTACKING_CLIENT + client }),
);

export const deletedBuyers = deletedAccountFlood('deleted-buyers', 'purchases', (dropId, client) =>
  requestBytes('POST', '/api/purchases', {
    token: signToken(FIRST_DELETED + client),
    // Not the id of a reservation, which makes no difference: the account is checked first.
    body: { reservationId: dropId },
    client: FIRST_ATTACKING_CLIENT + client,
  }),
);

function deletedAccountFlood(name: string, requested: string, request: DeletedRequest): Attack {
  return {
    name,
    title: `${requested} with valid tokens of ${DELETED_ACCOUNTS} accounts that no longer exist, ${DELETED_PER_SECOND}/s`,
    clients: DELETED_ACCOUNTS,
    bound: 1.5,
    control: 'refused-tokens',
    preparationMs: 4_000,
    send(target) {
      const requests = requestsOf(DELETED_ACCOUNTS, (client) => request(target.dropId, client));
      return sendPacedRequests(target, {
        connections: DELETED_ACCOUNTS,
        perSecond: DELETED_PER_SECOND,
        request: (_, connection) => requests(connection),
      });
    },
  };
}

export const bot: Attack = {
  name: 'bot',
  title: `one account that reserves ${BOT_PER_SECOND} times a second`,
  clients: BOT_CONNECTIONS,
  bound: 1.5,
  control: 'refused-tokens',
  send(target) {
    const request = reservationRequest(target.dropId, target.firstAttacker, { client: FIRST_ATTACKING_CLIENT });
    return sendPacedRequests(target, {
      connections: BOT_CONNECTIONS,
      perSecond: BOT_PER_SECOND,
      request: () => request,
    });
  },
};

export const largeBodies: Attack = {
  name: 'large-bodies',
  title: `reservations with nested JSON of 16 kB as the body, ${LARGE_BODIES_PER_SECOND}/s`,
  clients: LARGE_BODY_CONNECTIONS,
  bound: 1.5,
  control: 'refused-tokens',
  send(target) {
    const requests = requestsOf(LARGE_BODY_CONNECTIONS, (client) =>
      requestBytes('POST', '/api/reservations', {
        token: signToken(target.firstAttacker + client),
        json: DEEP_JSON,
        client: FIRST_ATTACKING_CLIENT + client,
      }),
    );
    return sendPacedRequests(target, {
      connections: LARGE_BODY_CONNECTIONS,
      perSecond: LARGE_BODIES_PER_SECOND,
      request: (_, connection) => requests(connection),
    });
  },
};

/** The control of an attack: as many requests, on as many connections, with tokens that the service refuses. */
export function sendRefusedTokens(target: Target, connections: number, perSecond: number) {
  const requests = requestsOf(connections, (client) => refusedRequest(target.dropId, client));
  return sendPacedRequests(target, { connections, perSecond, request: (_, connection) => requests(connection) });
}
