import { connect } from 'node:net';

interface HttpConnectionOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The bytes of the next request, or null to close the connection. */
  nextRequest(): string | null;
  onResponse(status: number, latencyMs: number): void;
}

/** Opens a keep-alive connection that sends the next request as soon as the last one has a response. */
export function openHttpConnection({ port, nextRequest, onResponse }: HttpConnectionOptions) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let partial: Buffer | null = null;
  let sentAt = 0;

  function send(): void {
    const request = nextRequest();
    if (request === null) {
      socket.end();
      return;
    }
    sentAt = performance.now();
    socket.write(request, 'latin1');
  }

  socket.on('connect', send);
  socket.on('data', (chunk: Buffer) => {
    const data = partial ? Buffer.concat([partial, chunk]) : chunk;
    const status = statusOfResponse(data);
    partial = status === null ? data : null;
    if (status === null) return;
    onResponse(status, performance.now() - sentAt);
    send();
  });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      resolve();
    });
  });
  // A connection that breaks before `closed` is awaited must not cause an unhandled rejection.
  closed.catch(() => undefined);
  return {
    /** Resolves once either side has closed the connection; rejects if it broke. */
    closed,
    close: () => {
      socket.destroy();
    },
  };
}

const HEAD_END = '\r\n\r\n';
const LENGTH = 'content-length: ';

/**
 * The status of the HTTP/1.1 response in `data`, or null while it is incomplete. Supports only what the measured servers send:
 * one response at a time, with a Content-Length.
 *
 * @throws for any other data.
 */
export function statusOfResponse(data: Buffer): number | null {
  const headEnd = data.indexOf(HEAD_END);
  if (headEnd === -1) return null;
  const head = data.toString('latin1', 0, headEnd).toLowerCase();
  const lengthAt = head.indexOf(LENGTH);
  if (!head.startsWith('http/1.1 ') || lengthAt === -1) throw new Error(`a response without a length:\n${head}`);
  const expected = headEnd + HEAD_END.length + parseInt(head.slice(lengthAt + LENGTH.length), 10);
  if (data.length > expected) throw new Error('more than one response to one request');
  return data.length === expected ? Number(head.slice(9, 12)) : null;
}
