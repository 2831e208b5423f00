import type { Attack } from '../attack.js';
import { idleConnections } from './idle-connections.js';
import { movements, pipelinedList, pipelinedSearches } from './reads.js';
import { bot, deletedAccounts } from './reservation-floods.js';
import { signInFlood } from './sign-in-flood.js';
import { connectPackets, enginePongs, websocketPings } from './websocket-floods.js';

/** In the order in which they run. */
export const attacks: readonly Attack[] = [
  idleConnections,
  connectPackets,
  enginePongs,
  websocketPings,
  deletedAccounts,
  pipelinedList,
  pipelinedSearches,
  movements,
  bot,
  signInFlood,
];
