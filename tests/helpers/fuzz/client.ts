import { Agent, request as httpRequest } from 'node:http';
import type { TestApp, TestUser } from '../app.js';
import type { FuzzRequest } from './cases.js';
import type { FuzzResponse } from './checks.js';

/** What a client sends: a {@link FuzzRequest} with ids of rows that exist. */
interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A client with accounts and rows of its own: no other client changes them. */
export interface FuzzClient {
  /** Sends a request, and resolves with it as it was sent and the response. */
  exchange(request: FuzzRequest): Promise<{ readonly sent: WireRequest; readonly response: FuzzResponse }>;
  /** Reads a path with the token of the last request. */
  read(path: string): Promise<FuzzResponse>;
  close(): void;
}

interface Created {
  readonly data: { readonly reservation: { readonly id: string } };
}

/** Operations after which no unit of a drop can be reserved. */
const CLOSES_DROP = /^(pause|end|cancel|change)Drop$/;

/** Creates the accounts and drops of a client, which keeps one connection open. */
export async function createFuzzClient(app: TestApp): Promise<FuzzClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const accounts: Record<'user' | 'admin', TestUser> = {
    user: await app.createUser(),
    admin: await app.createUser('admin'),
  };
  const ids: Record<string, string> = { user: accounts.user.id, admin: accounts.admin.id };
  let lastToken = accounts.user.token;

  /** A unit of a new drop is free and not held by the client's user, so that reservations succeed. */
  async function renewDrop(): Promise<void> {
    ids.drop = await app.createDrop({ total_stock: 3 });
  }

  async function holdUnit(user: TestUser, dropId: string): Promise<string> {
    const { body } = await app.reserve(user, dropId).expect(201);
    return (body as Created).data.reservation.id;
  }

  async function renewAccount(role: 'user' | 'admin'): Promise<void> {
    accounts[role] = await app.createUser(role);
    ids[role] = accounts[role].id;
    if (role === 'admin') return;
    ids.email = accounts.user.email;
    await renewDrop();
    ids.reservation = await holdUnit(accounts.user, ids.drop ?? '');
  }

  await renewAccount('user');
  ids.soldOut = await app.createDrop({ total_stock: 1 });
  await app.reserve(await app.createUser(), ids.soldOut).expect(201);

  /** Also in a query, which is encoded. */
  const fill = (text: string) =>
    text.replace(/(?:\{|%7B)(\w+?)(?:\}|%7D)/g, (matched, name: string) => ids[name] ?? matched);

  function toWire({ method, target, headers, body, as }: FuzzRequest): WireRequest {
    const token = as === 'none' ? undefined : as === 'bad token' ? 'x.y.z' : accounts[as].token;
    if (token !== undefined) lastToken = token;
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return {
      ...{ method, target: fill(target) },
      headers: { ...headers, ...authorization },
      body: body === undefined ? undefined : fill(body),
    };
  }

  /** Remembers the ids of what was created, and replaces what no longer serves. */
  async function learn({ operation, as }: FuzzRequest, { status, text }: FuzzResponse): Promise<void> {
    if (status === 401 && operation.needsToken && (as === 'user' || as === 'admin')) await renewAccount(as);
    if (operation.operationId === 'createReservation' && status === 201) {
      ids.reservation = (JSON.parse(text) as Created).data.reservation.id;
    } else if (operation.operationId === 'createReservation' && (status === 409 || status === 410)) await renewDrop();
    else if (CLOSES_DROP.test(operation.operationId) && status === 200) await renewDrop();
  }

  const send = (wire: WireRequest) => sendRaw(app.url, agent, wire);
  return {
    async exchange(request) {
      const sent = toWire(request);
      const response = await send(sent);
      await learn(request, response);
      return { sent, response };
    },
    read: (target) =>
      send({ method: 'GET', target, headers: { authorization: `Bearer ${lastToken}` }, body: undefined }),
    close() {
      agent.destroy();
    },
  };
}

function sendRaw(url: string, agent: Agent, { method, target, headers, body }: WireRequest): Promise<FuzzResponse> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest(
      { agent, hostname, port, method, path: target, headers: { ...headers, ...length } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const received = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(received) as Record<string, string>,
            text: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Writes a request as a command of curl. */
export function toCurl(url: string, { method, target, headers, body }: WireRequest): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const data = body === undefined ? [] : [`--data-binary ${quote(body)}`];
  return ['curl --globoff --path-as-is -i -X', method, ...lines, ...data, quote(url + target)].join(' ');
}
