import type { Question } from '../question.js';
import { bursts } from './burst.js';
import { costOfAHold } from './cost-of-a-hold.js';
import { dropList } from './drop-list.js';
import { expiryLateness } from './expiry-lateness.js';
import { expirySameSecond } from './expiry-same-second.js';
import { expirySweep } from './expiry-sweep.js';
import { expressRouter } from './express-router.js';
import { hotDropHttp } from './hot-drop-http.js';
import { hotDropService } from './hot-drop-service.js';
import { liveCrowds } from './live-crowd.js';
import { liveIdle } from './live-idle.js';
import { liveReconnect } from './live-reconnect.js';
import { soldOut, soldOutService } from './sold-out.js';
import { twoProcesses } from './two-processes.js';

/** Every question, in the order of the report. A new one is a file beside this one and a line here. */
export const questions: readonly Question[] = [
  hotDropService,
  costOfAHold,
  hotDropHttp,
  expressRouter,
  ...bursts,
  soldOut,
  soldOutService,
  dropList,
  twoProcesses,
  ...liveCrowds,
  liveIdle,
  liveReconnect,
  expiryLateness,
  expirySameSecond,
  expirySweep,
];
