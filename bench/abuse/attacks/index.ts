import type { Attack } from '../attack.js';
import { idleConnections } from './idle-connections.js';
import { movements, pipelinedList, pipelinedPolling, pipelinedSearches, purchasesPage } from './reads.js';
import { bot, deletedAccounts, deletedBuyers } from './reservation-floods.js';
import { signInFlood } from './sign-in-flood.js';
import { connectAndLeave, connectPackets, enginePongs, websocketPings } from './websocket-floods.js';

/** In the order in which they run. */
export const attacks: readonly Attack[] = [
  idleConnections,
  connectPackets,
  connectAndLeave,
  enginePongs,
  websocketPings,
  deletedAccounts,
  deletedBuyers,
  pipelinedList,
  pipelinedSearches,
  pipelinedPolling,
  movements,
  purchasesPage,
  bot,
  signInFlood,
];
