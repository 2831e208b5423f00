import { connect } from 'node:net';
import { statusOfAnswer } from './http-answer.js';

export interface HttpConnection {
  /** Resolves once it is closed, by either side; rejects if it broke. */
  readonly closed: Promise<void>;
  close(): void;
}

interface HttpConnectionOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The bytes of the next request, or null to close. */
  nextRequest(): string | null;
  /** The status of the answer, and how long it took, in ms. */
  onAnswer(status: number, took: number): void;
}

/** A keep-alive connection that sends the next request as soon as the last is answered. */
export function openHttpConnection({ port, nextRequest, onAnswer }: HttpConnectionOptions): HttpConnection {
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
    const status = statusOfAnswer(data);
    partial = status === null ? data : null;
    if (status === null) return;
    onAnswer(status, performance.now() - sentAt);
    send();
  });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      resolve();
    });
  });
  // Whoever waits for it hears of it.
  closed.catch(() => undefined);
  return {
    closed,
    close: () => {
      socket.destroy();
    },
  };
}
