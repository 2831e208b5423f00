import type { Config } from './lib/config/index.js';
import { OperatorError } from './lib/errors/operator-error.js';
import { API_TITLE } from './api-document.js';

/** How long a program on the port is waited for. */
const TIMEOUT_MS = 5_000;
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const THIS_MACHINE = ['127.0.0.1', '::1'];

/** The service runs already: a second start has nothing to do. */
export class AlreadyRunningError extends OperatorError {
  override readonly name = 'AlreadyRunningError';
  constructor(
    message: string,
    /** Of the process: 1 in production, where a supervisor has to start it again if the other one is about to end. */
    readonly exitCode: 0 | 1,
  ) {
    super(message);
  }
}

/**
 * Looks for this service on the port that it would listen on.
 *
 * @throws {AlreadyRunningError} with its address, if it answers there. Nothing, or another program, is no error here.
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
