import { connect, type Socket } from 'node:net';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP connection whose client never closes it, whatever the service does. */
export interface RawConnection {
  readonly socket: Socket;
  /** All that was received so far. */
  received(): string;
  /** Whether the service has closed its side. */
  closed(): boolean;
}

/** Opens a connection to a service, and writes `text`. */
export function openRaw(url: string, text = ''): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  for (const event of ['end', 'error', 'close']) {
    socket.on(event, () => {
      closed = true;
    });
  }
  if (text !== '') socket.write(text);
  return { socket, received: () => received, closed: () => closed };
}

/** Whether {@link descriptorsOn} works on this machine. */
export const canCountDescriptors = process.platform === 'linux';

/**
 * Counts the file descriptors that a process has for connections to its IPv4 port. Those of clients in the same process have
 * other local ports.
 */
export function descriptorsOn(port: number, pid: number | 'self' = 'self'): number {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((descriptor) => inodeOf(`/proc/${pid}/fd/${descriptor}`)));
  const [, ...lines] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n');
  return lines.filter((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return Number.parseInt(local.split(':')[1] ?? '', 16) === port && state !== LISTENING && inodes.has(inode);
  }).length;
}

const LISTENING = '0A';

function inodeOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    // Closed since the folder was read.
    return undefined;
  }
}
