import type { Attack } from '../attack.js';
import { holdIdleConnections } from '../generators/idle-connections.js';

const CONNECTIONS = 5_000;

export const idleConnections: Attack = {
  name: 'idle-connections',
  title: `${CONNECTIONS} keep-alive connections with one answered request each`,
  clients: CONNECTIONS,
  bound: 1.5,
  control: 'none',
  preparationMs: 8_000,
  send: (target) => holdIdleConnections(target, CONNECTIONS),
};
