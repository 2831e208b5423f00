import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { UnavailableError } from '../../errors/index.js';
import type { Logger } from '../../logger.js';
import { rawProblem } from '../problem-response.js';
import type { Connections } from './connections.js';
import { writeAndClose } from './unreadable-requests.js';

/** When fewer are free, idle connections are closed. */
const MIN_FREE_DESCRIPTORS = 64;
/** When fewer are free, every new connection is refused: they are left to files, and to connections to the database. */
const SPARE_DESCRIPTORS = 32;
const IDLE_CLOSED_AT_ONCE = 32;
/** The request of a younger connection may be on its way. */
const MIN_IDLE_MS = 1_000;
/** The shortage is over after this time without a refused or closed connection. */
const QUIET_MS = 10_000;

interface DescriptorGuardOptions {
  readonly connections: Connections;
  readonly publicUrl: string;
  readonly logger: Logger;
}

/**
 * Serves on when the process runs out of file descriptors: new connections take the place of the longest idle ones, and are
 * answered 503 if none is idle. The begin and the end of a shortage are logged. Call it before the server listens.
 */
export function guardDescriptors(server: Server, { connections, publicUrl, logger }: DescriptorGuardOptions): void {
  const openFilesLimit = readOpenFilesLimit();
  let shortage: { closed: number; refused: number; timer: NodeJS.Timeout } | undefined;

  function endShortage(): void {
    if (!shortage) return;
    const { closed, refused } = shortage;
    shortage = undefined;
    logger.warn({ closed, refused }, 'File descriptors are free again');
  }

  function record({ closed = 0, refused = 0 }): void {
    if (!shortage) {
      logger.warn(
        { openFilesLimit },
        'File descriptors run out: idle connections are closed, and new ones refused. Raise the limit of open files, or add processes', // prettier-ignore
      );
      shortage = { closed: 0, refused: 0, timer: setTimeout(endShortage, QUIET_MS).unref() };
    }
    shortage.closed += closed;
    shortage.refused += refused;
    shortage.timer.refresh();
  }

  server.on('connection', (socket: Socket) => {
    const free = openFilesLimit - descriptorOf(socket);
    if (free > MIN_FREE_DESCRIPTORS) return;
    const { closed } = connections.closeIdle(IDLE_CLOSED_AT_ONCE, MIN_IDLE_MS);
    if (closed > 0 && free > SPARE_DESCRIPTORS) {
      record({ closed });
      return;
    }
    record({ closed, refused: 1 });
    const detail = 'The service has no connection free right now; try again in a moment';
    writeAndClose(socket, rawProblem(new UnavailableError(undefined, detail), publicUrl));
  });

  // Errors of accept(): other programs may have used up the descriptors of the machine. libuv closes the waiting connections.
  server.once('listening', () => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EMFILE' || error.code === 'ENFILE') {
        record({ ...connections.closeIdle(IDLE_CLOSED_AT_ONCE, MIN_IDLE_MS), refused: 1 });
      } else logger.error({ err: error }, 'A connection could not be accepted');
    });
  });
}

/**
 * The descriptor of a socket; -1 where there is none, as on Windows. A new descriptor is the lowest free number: all below it are in
 * use, whatever for.
 */
function descriptorOf(socket: Socket): number {
  // Node has no other way to read it.
  const { _handle } = socket as { _handle?: { readonly fd?: number } | null };
  return _handle?.fd ?? -1;
}

/** The limit of this process; Infinity where the operating system does not show it. */
function readOpenFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
