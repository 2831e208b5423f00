import { tmpdir } from 'node:os';
import { findFreePort } from './free-port.js';
import { startProgram, type RunningProgram } from './processes.js';
import { TEST_SECRET } from './app.js';

/** The service in another process, on a database that the test created. */
export interface ServiceProcess extends RunningProgram {
  readonly url: string;
  readonly port: number;
  /** @throws if no response arrives within this time. */
  get(path: string, timeoutMs?: number): Promise<ServiceResponse>;
  post(
    path: string,
    body: object,
    token?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ServiceResponse>;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly code?: string;
    readonly data?: { readonly id?: string; readonly reservation?: { readonly id: string } };
  };
}

/** Longer than any request may wait in the service, also on a busy machine. */
const TIMEOUT_MS = 240_000;

/**
 * Starts the service with the settings of tests: a token of one service of the tests is valid in every other.
 *
 * @param openFilesLimit as of {@link startProgram}.
 */
export async function launchService(
  env: Readonly<Record<string, string>>,
  openFilesLimit?: number,
): Promise<ServiceProcess> {
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
    // Another folder may have a .env.
    tmpdir(),
    [],
    { openFilesLimit },
  );
  return {
    ...child,
    url,
    port,
    get: (path, timeoutMs = TIMEOUT_MS) => fetchJson(`${url}${path}`, { signal: AbortSignal.timeout(timeoutMs) }),
    post: (path, body, token, headers) =>
      fetchJson(`${url}${path}`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
  };
}

/** Starts the service and resolves once it is ready. */
export async function startServiceProcess(
  env: Readonly<Record<string, string>>,
  openFilesLimit?: number,
): Promise<ServiceProcess> {
  const service = await launchService(env, openFilesLimit);
  await service.printed(env.ROLE === 'worker' ? 'Worker running' : 'Ctrl-C stops it.');
  return service;
}

async function fetchJson(url: string, init: RequestInit): Promise<ServiceResponse> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as ServiceResponse['body'],
  };
}
