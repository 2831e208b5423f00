import { randomUUID } from 'node:crypto';
import { io, type ManagerOptions, type SocketOptions, type Socket } from 'socket.io-client';
import { serverEvents, type ServerEventPayloads } from '../../src/realtime/events.js';
import type { TestApp } from './app.js';

type ReceivedPayloads = { [Name in keyof ServerEventPayloads]: Omit<ServerEventPayloads[Name], 'epoch'> };
type EventName = keyof ServerEventPayloads;

/** A client that records the events it receives. */
export interface Listener {
  readonly socket: Socket;
  /** Every event so far, in order of arrival and unchanged. */
  readonly events: readonly { readonly name: string; readonly payload: unknown }[];
  /**
   * Returns the payloads of every event so far of one name, each checked to have exactly the members of the event's schema. The
   * epoch of an `inventory_update` is checked and left out.
   */
  received<Name extends EventName>(name: Name): ReceivedPayloads[Name][];
  close(): void;
}

interface ListenerOptions extends Partial<ManagerOptions & SocketOptions> {
  readonly token?: string;
  /** Whether the client receives the snapshot of the newest drops; most tests are about later events. */
  readonly snapshot?: boolean;
}

/** Ends a test that hangs; the client's default of 20 s is too short for a busy machine. */
const CONNECT_TIMEOUT_MS = 240_000;

/** Connects, and resolves once the server accepted the connection. @throws the server's refusal. */
export async function listenTo(
  app: Pick<TestApp, 'url'>,
  { token, snapshot = false, ...options }: ListenerOptions = {},
): Promise<Listener> {
  const socket = io(app.url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    timeout: CONNECT_TIMEOUT_MS,
    auth: { ...(token !== undefined && { token }), ...(!snapshot && { snapshot }) },
    ...options,
  });
  const events: { name: string; payload: unknown }[] = [];
  socket.onAny((name: string, payload: unknown) => {
    if (name !== 'epoch' && !isMarker(payload)) events.push({ name, payload });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });
  return {
    socket,
    events,
    received: <Name extends EventName>(name: Name) =>
      events
        .filter((event) => event.name === name)
        .map(({ payload }) => {
          const { epoch: _epoch, ...members } = serverEvents[name].strict().parse(payload) as { epoch?: string };
          return members as ReceivedPayloads[Name];
        }),
    close: () => socket.close(),
  };
}

const MARKER_NAME = 'marker of a test';

/**
 * Resolves when these clients have received every event that the service published before. A socket receives its events in
 * order, so a marker event that is published here arrives last.
 */
export async function receivedAll(app: TestApp, ...listeners: Listener[]): Promise<void> {
  const dropId = randomUUID();
  const arrived = listeners.map(
    ({ socket }) =>
      new Promise<void>((resolve) => {
        const check = (payload: { dropId: string }) => {
          if (payload.dropId !== dropId) return;
          socket.off('purchase_update', check);
          resolve();
        };
        socket.on('purchase_update', check);
      }),
  );
  // An event that waits for the end of its window would arrive after the marker.
  app.context.broadcaster.flush();
  app.context.publish('purchase_update', { dropId, username: MARKER_NAME, purchasedAt: new Date().toISOString() });
  await Promise.all(arrived);
}

function isMarker(payload: unknown): boolean {
  return (payload as { username?: string }).username === MARKER_NAME;
}
