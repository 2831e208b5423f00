import { Counter, Gauge, type Registry } from 'prom-client';

export type RealtimeMetrics = ReturnType<typeof createRealtimeMetrics>;

/** Initialized with 0, so that the first refusal shows as an increase. */
const REFUSAL_REASONS = ['origin', 'address-limit', 'address-rate', 'unauthenticated'];
const CLOSE_REASONS = ['frames', 'bytes', 'sockets'];

export function createRealtimeMetrics(registry: Registry) {
  const registers = [registry];

  let readSockets: (() => number) | undefined;
  new Gauge({
    name: 'socket_connections',
    help: 'Connected clients of the live feed.',
    registers,
    collect() {
      if (readSockets) this.set(readSockets());
    },
  });

  const socketsRefused = new Counter({
    name: 'socket_connections_refused_total',
    help: 'Refused connections of the live feed, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of REFUSAL_REASONS) socketsRefused.inc({ reason }, 0);

  const socketsClosed = new Counter({
    name: 'socket_connections_cut_total',
    help: 'Connections of the live feed that were closed because they exceeded a limit: of frames, of bytes, or of one socket.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of CLOSE_REASONS) socketsClosed.inc({ reason }, 0);

  return {
    /** @param read returns the number of connected clients; called at every scrape. */
    watchSockets(read: () => number) {
      readSockets = read;
    },
    /** By request and outcome: `ok`, or the code of the error. */
    socketRequests: new Counter({
      name: 'socket_calls_total',
      help: 'Requests of clients of the live feed, by outcome.',
      labelNames: ['call', 'outcome'],
      registers,
    }),
    socketsRefused,
    socketsClosed,
    slowConsumersDisconnected: new Counter({
      name: 'slow_readers_cut_total',
      help: 'Clients of the live feed that were disconnected because they did not read.',
      registers,
    }),
  };
}
