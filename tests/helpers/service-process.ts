import { tmpdir } from 'node:os';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { startProgram, type RunningProgram } from './processes.js';
import { TEST_SECRET } from './app.js';

/** The service as a process of its own, on a database that the test has made. */
export interface ServiceProcess extends RunningProgram {
  readonly url: string;
  readonly port: number;
  /** @throws if there is no answer within so many ms. */
  get(path: string, ms?: number): Promise<Answer>;
  post(path: string, body: object, token?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly code?: string;
    readonly data?: { readonly id?: string; readonly reservation?: { readonly id: string } };
  };
}

/** ms. Longer than any request may wait in the service, on a busy machine too. */
const PATIENCE = 90_000;

/** Starts it with the settings of tests; whoever signed a token for a service inside the test signed it for this one too. */
export async function launchService(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const port = Number(env.PORT ?? (await findFreePort()));
  const url = `http://127.0.0.1:${port}`;
  const child = startProgram(
    'main',
    {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      JWT_SECRET: TEST_SECRET,
      RATE_LIMIT_ENABLED: 'false',
      ...env,
      PORT: String(port),
    },
    // Elsewhere a .env may lie.
    tmpdir(),
  );
  return {
    ...child,
    url,
    port,
    get: (path, ms = PATIENCE) => ask(`${url}${path}`, { signal: AbortSignal.timeout(ms) }),
    post: (path, body, token, headers) =>
      ask(`${url}${path}`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE),
      }),
  };
}

/** The same, resolved once it is up. */
export async function startServiceProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const service = await launchService(env);
  await service.printed(env.ROLE === 'worker' ? 'Worker running' : 'Ctrl-C stops it.');
  return service;
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}
