import type { Benchmark, Variant } from '../benchmark.js';
import { bareExpressVariant, reserveOverHttp, withoutDatabase } from '../harness/hot-drop.js';
import { service } from '../harness/over-http.js';
import type { ServerPlan } from '../processes/server.js';

interface StackOptions {
  readonly replace?: ServerPlan['replace'];
  readonly processes?: number;
}

/** Reservations of one drop by 256 connections from another process. */
export const hotDropHttp: Benchmark = {
  name: 'hot-drop-http',
  title: 'Hot drop, over HTTP',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'one-transaction',
  variants: [
    stack('ours', 'ours'),
    stack('one-transaction', 'one Prisma transaction per request, same stack and auth', {
      replace: { 'reservations.service.js': 'one-transaction.js' },
    }),
    stack('sequelize-like', 'one transaction per request as an active-record ORM sends it, same stack and auth', {
      replace: { 'reservations.service.js': 'sequelize-like.js' },
    }),
    { name: 'no-database', title: 'the same stack without a database', run: withoutDatabase() },
    bareExpressVariant,
  ],
};

/** Two processes on one database and one drop: checks that they sell no unit twice. */
export const twoProcesses: Benchmark = {
  name: 'two-processes',
  title: 'Hot drop, over HTTP, two processes on one database',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'two-processes',
  baseline: 'one-process',
  variants: [
    stack('one-process', 'one process'),
    stack('two-processes', 'two processes, half of the connections each', { processes: 2 }),
  ],
};

/** What the fast path router saves. The reservation service returns a constant. */
export const expressRouter: Benchmark = {
  name: 'express-router',
  title: "The HTTP stack without a database, with and without Express's router",
  unit: 'responses/s',
  better: 'higher',
  subject: 'ahead',
  baseline: 'by-router',
  variants: [
    { name: 'ahead', title: 'ours', run: withoutDatabase() },
    {
      name: 'by-router',
      title: "the same through Express's router",
      run: withoutDatabase({ 'dist/app.js': 'by-router-app.js' }),
    },
    bareExpressVariant,
  ],
};

function stack(name: string, title: string, { replace = {}, processes = 1 }: StackOptions = {}): Variant {
  return {
    name,
    title,
    run: (bench, database) =>
      reserveOverHttp(
        bench,
        database,
        Array.from({ length: processes }, () => service(database.url, { replace })),
      ),
  };
}
