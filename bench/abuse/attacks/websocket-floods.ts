import type { Attack } from '../attack.js';
import { floodWebsockets, pingFrame, repeat, textFrame } from '../generators/websocket-frames.js';
import { insertDrops } from './reads.js';

const CLIENTS = 20;

const CONNECT_PACKETS = 190;
const CONNECT_INTERVAL_MS = 1_000;

const LEAVING_CONNECTIONS = 4;
/** Long enough to be connected. */
const LEAVE_AFTER_MS = 20;

/** About eight kB of frames. */
const FLOOD_FRAMES = 1_000;
/** With 20 clients, a million frames per second: more than one process can read. */
const FLOOD_INTERVAL_MS = 20;

/** Each asks for the snapshot of all drops. */
const SUBSCRIPTIONS = 50;
const SUBSCRIPTION_INTERVAL_MS = 100;

export const connectPackets: Attack = {
  name: 'connect-packets',
  title: `${CONNECT_PACKETS} CONNECT packets of Socket.io in one write on a new websocket of each client, once a second`,
  clients: CLIENTS,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database),
  send: (target) =>
    floodWebsockets(target, {
      connectsAgain: true,
      clients: CLIENTS,
      write: repeat(textFrame('40'), CONNECT_PACKETS),
      frames: CONNECT_PACKETS,
      intervalMs: CONNECT_INTERVAL_MS,
    }),
};

export const connectAndLeave: Attack = {
  name: 'connect-and-leave',
  title: `sockets that connect and leave again at once, ${LEAVING_CONNECTIONS} connections of each client again and again`,
  clients: CLIENTS,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database),
  send: (target) =>
    floodWebsockets(target, {
      connectsAgain: true,
      clients: CLIENTS,
      connectionsPerClient: LEAVING_CONNECTIONS,
      write: textFrame('40'),
      frames: 1,
      intervalMs: LEAVE_AFTER_MS,
    }),
};

export const enginePongs = frameFlood('engine-pongs', 'pong packets of engine.io', textFrame('3'));

export const websocketPings = frameFlood('websocket-pings', 'websocket ping frames', pingFrame());

export const socketRequests: Attack = {
  name: 'socket-requests',
  title: `subscriptions of all drops over websockets, ${SUBSCRIPTIONS} in each write`,
  clients: CLIENTS,
  bound: 1.5,
  control: 'refused-tokens',
  setUp: (database) => insertDrops(database, 100),
  send: (target) =>
    floodWebsockets(target, {
      clients: CLIENTS,
      write: repeat(textFrame('421["drops:subscribe"]'), SUBSCRIPTIONS),
      frames: SUBSCRIPTIONS,
      intervalMs: SUBSCRIPTION_INTERVAL_MS,
    }),
};

function frameFlood(name: string, frames: string, frame: Buffer): Attack {
  return {
    name,
    title: `${frames}, ${FLOOD_FRAMES} in each write`,
    clients: CLIENTS,
    bound: 1.5,
    control: 'refused-tokens',
    send: (target) =>
      floodWebsockets(target, {
        clients: CLIENTS,
        write: repeat(frame, FLOOD_FRAMES),
        frames: FLOOD_FRAMES,
        intervalMs: FLOOD_INTERVAL_MS,
      }),
  };
}
