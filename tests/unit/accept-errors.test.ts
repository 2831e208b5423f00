import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HTTP_LIMITS } from '../../src/lib/http/server/create-server.js';
import { guardDescriptors } from '../../src/lib/http/server/descriptors.js';
import { toAppError } from '../../src/lib/http/problem-response.js';
import type { Logger } from '../../src/lib/logger.js';
import { createMetrics, createMetricsServer } from '../../src/lib/metrics.js';

/** Longer than a shortage of descriptors lasts without another error. */
const QUIET_MS = 10_001;
const CLOSED = 3;

const logged = { warn: vi.fn(), error: vi.fn() };
const logger = logged as unknown as Logger;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

const withCode = (code: string) => Object.assign(new Error(`accept ${code}`), { code });

/** The server emits what it would if it listened and accept() failed. */
function failToAccept(server: Server, code: string): void {
  server.emit('listening');
  server.emit('error', withCode(code));
}

it('control: an error of accept() that has no listener is thrown', () => {
  expect(() => {
    failToAccept(createServer(), 'ENFILE');
  }).toThrow('accept ENFILE');
});

describe('a connection that the server of the API cannot accept', () => {
  function guardedServer(): Server {
    const server = createServer();
    const connections = { mayWrite: () => true, closeIdle: () => ({ closed: CLOSED }), drain: () => Promise.resolve() };
    guardDescriptors(server, { connections, publicUrl: 'http://localhost', logger });
    return server;
  }

  it.each(['EMFILE', 'ENFILE'])('for %s closes idle ones, and is logged once, with the end of the shortage', (code) => {
    const server = guardedServer();
    failToAccept(server, code);
    server.emit('error', withCode(code));
    expect(logged.warn.mock.calls).toEqual([
      [expect.anything(), expect.stringMatching(/^File descriptors run out: .* Raise the limit of open files/)],
    ]);
    vi.advanceTimersByTime(QUIET_MS);
    expect(logged.warn).toHaveBeenLastCalledWith({ closed: 2 * CLOSED, refused: 2 }, 'File descriptors are free again');
    expect(logged.error).not.toHaveBeenCalled();
  });

  it('for another reason is logged as an error', () => {
    failToAccept(guardedServer(), 'EPROTO');
    expect(logged.error).toHaveBeenCalledExactlyOnceWith(
      { err: expect.objectContaining({ code: 'EPROTO' }) },
      'A connection could not be accepted',
    );
    expect(logged.warn).not.toHaveBeenCalled();
  });
});

it.each(['EMFILE', 'ENFILE', 'EPROTO'])(
  'a connection that the server of the metrics cannot accept is logged: %s',
  (code) => {
    failToAccept(createMetricsServer(createMetrics({ ofProcess: false }), HTTP_LIMITS, logger), code);
    expect(logged.error).toHaveBeenCalledExactlyOnceWith(
      { err: expect.objectContaining({ code }) },
      'A connection for the metrics could not be accepted',
    );
  },
);

it.each(['EMFILE', 'ENFILE'])('a request that needs a file is answered 503 for %s', (code) => {
  expect(toAppError(withCode(code))).toMatchObject({ status: 503, code: 'unavailable' });
  expect(toAppError(withCode('EISDIR'))).toMatchObject({ status: 500 });
});
