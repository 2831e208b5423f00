import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../run-command.js';
import type { Part } from './part.js';

/** A part, and how to find out whether it is ready. */
export interface Awaited {
  readonly part: Part;
  readonly isReady: () => Promise<boolean>;
}

/** ms. Long enough for a machine that is busy with other things. */
const PATIENCE = 180_000;
const LOOK_AGAIN = 100;
const ANSWER_WITHIN = 2_000;

/**
 * Resolves when all are ready.
 *
 * @throws {CommandError} naming the one that ended meanwhile, or those that were not ready within three minutes.
 * @throws what the signal was aborted with.
 */
export async function untilReady(all: readonly Awaited[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  let missing = all;
  for (;;) {
    signal.throwIfAborted();
    const ended = all.find(({ part }) => part.hasEnded());
    if (ended) {
      const how = await ended.part.ended;
      throw new CommandError(`${ended.part.name} did not start (${how}): what it said stands above.`);
    }
    const ready = await Promise.all(missing.map(({ isReady }) => isReady()));
    missing = missing.filter((_, index) => ready[index] !== true);
    if (missing.length === 0) return;
    if (performance.now() > deadline) {
      const names = missing.map(({ part }) => part.name).join(', ');
      throw new CommandError(`Not ready within ${PATIENCE / 1000} s: ${names}. What they said stands above.`);
    }
    await sleep(LOOK_AGAIN);
  }
}

/** Whether a GET is answered with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether a port of this machine takes connections. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const tell = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_WITHIN, tell(false));
    socket.once('connect', tell(true)).once('error', tell(false));
  });
}
