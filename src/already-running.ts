import type { Config } from './lib/config/index.js';
import { OperatorError } from './lib/errors/operator-error.js';
import { API_TITLE } from './api-document.js';

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
    const response = await fetch(`${url}/openapi.json`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { info } = (await response.json()) as { info?: { title?: unknown } };
    return info?.title === API_TITLE;
  } catch {
    return false;
  }
}
