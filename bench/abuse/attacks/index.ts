import type { Attack } from '../attack.js';
import { idleConnections } from './idle-connections.js';
import {
  exports,
  movements,
  pipelinedList,
  pipelinedPolling,
  pipelinedSearches,
  purchasesPage,
  searches,
} from './reads.js';
import { bot, deletedAccounts, deletedBuyers, largeBodies } from './reservation-floods.js';
import { registrationFlood, signInFlood } from './sign-in-flood.js';
import { connectAndLeave, connectPackets, enginePongs, socketRequests, websocketPings } from './websocket-floods.js';

/** In the order in which they run. */
export const attacks: readonly Attack[] = [
  idleConnections,
  connectPackets,
  connectAndLeave,
  enginePongs,
  websocketPings,
  socketRequests,
  deletedAccounts,
  deletedBuyers,
  pipelinedList,
  pipelinedSearches,
  pipelinedPolling,
  movements,
  purchasesPage,
  exports,
  searches,
  largeBodies,
  bot,
  signInFlood,
  registrationFlood,
];
