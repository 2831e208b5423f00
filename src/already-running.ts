import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Config } from './lib/config/index.js';
import { OperatorError } from './lib/errors/operator-error.js';

/** The title of the API's document. A second start recognizes a running service by it. */
export const API_TITLE = 'Drop inventory';

const TIMEOUT_MS = 5_000;
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const THIS_MACHINE = ['127.0.0.1', '::1'];

/** This service runs already at the address that it would listen on. */
export class AlreadyRunningError extends OperatorError {
  constructor(
    message: string,
    /** 1 in production, so that a supervisor starts the process again if the other one is about to end. */
    readonly exitCode: 0 | 1,
  ) {
    super(message);
  }
}

/**
 * Checks that this service does not answer on the port that it would listen on. Another program there is no error here.
 *
 * @throws {AlreadyRunningError} with the address.
 */
export async function checkNotRunning({ env, role, http }: Config): Promise<void> {
  if (role === 'worker' || http.port === 0) return;
  const host = EVERY_ADDRESS[http.host] ?? http.host;
  const origin = (name: string) => `http://${name.includes(':') ? `[${name}]` : name}:${http.port}`;
  if (!(await isThisService(origin(host)))) return;
  const address = origin(THIS_MACHINE.includes(host) ? 'localhost' : host);
  throw new AlreadyRunningError(`Already running at ${address}`, env === 'production' ? 1 : 0);
}

async function isThisService(url: string): Promise<boolean> {
  try {
    // Not by fetch(), which Node loads at its first use: this is on the way to every start.
    const request = get(`${url}/openapi.json`, { agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const { info } = (await json(response)) as { info?: { title?: unknown } };
    return info?.title === API_TITLE;
  } catch {
    return false;
  }
}
