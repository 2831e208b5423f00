import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../run-command.js';
import type { ClusterProcess } from './processes.js';

export interface Startup {
  readonly process: ClusterProcess;
  readonly isReady: () => Promise<boolean>;
}

/** Long enough for a busy machine. */
const START_TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 100;
const RESPONSE_TIMEOUT_MS = 5_000;

/**
 * Resolves when all processes are ready.
 *
 * @throws {CommandError} names a process that has ended, or those that are not ready within three minutes.
 * @throws the reason of the signal.
 */
export async function untilReady(all: readonly Startup[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let missing = all;
  for (;;) {
    signal.throwIfAborted();
    const ended = all.find(({ process }) => process.hasEnded());
    if (ended) {
      const how = await ended.process.ended;
      throw new CommandError(`${ended.process.name} did not start (${how}): see its output above.`);
    }
    const ready = await Promise.all(missing.map(({ isReady }) => isReady()));
    missing = missing.filter((_, index) => ready[index] !== true);
    if (missing.length === 0) return;
    if (performance.now() > deadline) {
      const names = missing.map(({ process }) => process.name).join(', ');
      throw new CommandError(`Not ready within ${START_TIMEOUT_MS / 1000} s: ${names}. See their output above.`);
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

export async function respondsOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(RESPONSE_TIMEOUT_MS, settle(false));
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}
