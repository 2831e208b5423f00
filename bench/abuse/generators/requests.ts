import { signToken } from '../../harness/load-users.js';

/** The service refuses tokens that are signed with it. */
const WRONG_SECRET = 'another secret for measurements, of no use at all';

interface RequestOptions {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly json?: string;
  /** Number of the client; each has an address of its own. */
  readonly client: number;
  /** Asks the service to close the connection after the response. */
  readonly close?: boolean;
}

/** The bytes of a request. The service runs behind a trusted proxy, so that each client may have another address. */
export function requestBytes(method: 'GET' | 'POST', path: string, options: RequestOptions): Buffer {
  const { token, body, json = body === undefined ? '' : JSON.stringify(body), client, close = false } = options;
  return Buffer.from(
    [
      `${method} ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      `X-Forwarded-For: ${addressOf(client)}`,
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
      ...(json === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(json)}`]),
      ...(close ? ['Connection: close'] : []),
      '',
      json,
    ].join('\r\n'),
  );
}

/** An address of a private network for each client below 16 million. */
export function addressOf(client: number): string {
  return `10.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`;
}

/** Clients of the attacker have addresses that no honest user has. */
export const FIRST_ATTACKING_CLIENT = 0x800000;

/** A reservation by a load user. */
export function reservationRequest(dropId: string, user: number, options: Omit<RequestOptions, 'body'>): Buffer {
  return requestBytes('POST', '/api/reservations', { token: signToken(user), body: { dropId }, ...options });
}

/** A reservation with a token that the service refuses: the cheapest request that has a token. */
export function refusedRequest(dropId: string, client: number): Buffer {
  const token = signToken(client, WRONG_SECRET);
  return requestBytes('POST', '/api/reservations', {
    token,
    body: { dropId },
    client: FIRST_ATTACKING_CLIENT + client,
  });
}

/** Builds requests now, so that sending one costs little. After the last, the first follows. */
export function requestsOf(count: number, build: (index: number) => Buffer): (index: number) => Buffer {
  const requests = Array.from({ length: count }, (_, index) => build(index));
  return (index) => requests[index % count] ?? Buffer.alloc(0);
}
