import type { Benchmark } from '../benchmark.js';
import { bursts } from './burst.js';
import { csvMemory } from './csv-memory.js';
import { dropList } from './drop-list.js';
import { dropReads } from './drop-reads.js';
import { dropStart } from './drop-start.js';
import { statsRefusals, statsReservations } from './drop-stats.js';
import { expiryLateness, expirySameSecond } from './expiry-deadlines.js';
import { expirySweep } from './expiry-sweep.js';
import { firstSecond } from './first-second.js';
import { hotDropHistory } from './hot-drop-history.js';
import { expressRouter, hotDropHttp, manyConnections, stackOverNode, twoProcesses } from './hot-drop-http.js';
import { costOfAHold, hotDropService } from './hot-drop-service.js';
import { idle } from './idle.js';
import { liveIdle, liveLoads, liveReconnect } from './live-updates.js';
import { rush } from './rush.js';
import { soldOut, soldOutService } from './sold-out.js';
import { memory, startEmbedded, startExternal } from './start-and-memory.js';

/** Every benchmark, in the order of the report. */
export const benchmarks: readonly Benchmark[] = [
  hotDropService,
  costOfAHold,
  hotDropHttp,
  hotDropHistory,
  manyConnections,
  stackOverNode,
  expressRouter,
  firstSecond,
  startExternal,
  startEmbedded,
  memory,
  csvMemory,
  ...bursts,
  rush,
  dropStart,
  soldOut,
  soldOutService,
  statsRefusals,
  statsReservations,
  dropList,
  dropReads,
  twoProcesses,
  ...liveLoads,
  liveIdle,
  liveReconnect,
  expiryLateness,
  expirySameSecond,
  expirySweep,
  idle,
];
