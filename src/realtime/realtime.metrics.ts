import { Counter, Gauge, type Registry } from 'prom-client';

export type RealtimeMetrics = ReturnType<typeof createRealtimeMetrics>;

/** Initialized with 0: the first one shows as a rise. */
const REFUSAL_REASONS = ['origin', 'address-limit', 'unauthenticated'];

/** Makes the metrics of the live feed. */
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

  return {
    /** @param read counts the connected clients; it runs at every scrape. */
    watchSockets(read: () => number) {
      readSockets = read;
    },
    /** By call and outcome: `ok`, or the code of the refusal. */
    socketCalls: new Counter({
      name: 'socket_calls_total',
      help: 'Requests of clients of the live feed, by outcome.',
      labelNames: ['call', 'outcome'],
      registers,
    }),
    socketsRefused,
    slowReadersCut: new Counter({
      name: 'slow_readers_cut_total',
      help: 'Clients of the live feed that were disconnected because they did not read.',
      registers,
    }),
  };
}
