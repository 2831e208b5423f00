import type { Benchmark, Variant } from '../benchmark.js';
import {
  bareExpressVariant,
  bareServer,
  HOT_STOCK,
  redisVariant,
  reserveOverHttp,
  withoutDatabase,
} from '../harness/hot-drop.js';
import { reserving, service } from '../harness/over-http.js';
import { describeGenerator, measureByWrk } from '../harness/wrk.js';
import type { ServerPlan } from '../processes/server.js';

interface StackOptions {
  readonly replace?: ServerPlan['replace'];
  readonly processes?: number;
  readonly connections?: number;
}

/** Reservations of one drop by 256 connections from another process. */
export const hotDropHttp: Benchmark = {
  name: 'hot-drop-http',
  title: 'Hot drop, over HTTP',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
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
    redisVariant,
  ],
};

const MANY_CONNECTIONS = 1_000;

/** What more connections cost. */
export const manyConnections: Benchmark = {
  name: 'hot-drop-1000',
  title: `Hot drop, over HTTP, ${MANY_CONNECTIONS} connections`,
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  connections: MANY_CONNECTIONS,
  variants: [stack('ours', 'ours'), stack('fewer', 'ours, 256 connections', { connections: 256 }), bareExpressVariant],
};

/** What the stack costs beyond Node's HTTP server. */
export const stackOverNode: Benchmark = {
  name: 'stack-over-node',
  title: 'The HTTP stack without a database',
  unit: 'responses/s',
  better: 'higher',
  subject: 'no-database',
  variants: [
    {
      name: 'no-database',
      title: 'the stack with a reservation service that returns a constant',
      run: withoutDatabase({ measure: measureByWrk }),
    },
    {
      name: 'node-http',
      title: "Node's HTTP server with the same answer",
      async run(bench, database) {
        const request = reserving(bench, await database.createDrop(HOT_STOCK));
        return measureByWrk(bench, { servers: [bareServer({ kind: 'node' })], request, status: 201 });
      },
    },
  ],
  describe: describeGenerator,
};

/** Two processes on one database and one drop: checks that they sell no unit twice. */
export const twoProcesses: Benchmark = {
  name: 'two-processes',
  title: 'Hot drop, over HTTP, two processes on one database',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'two-processes',
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
  variants: [
    { name: 'ahead', title: 'ours', run: withoutDatabase() },
    {
      name: 'by-router',
      title: "the same through Express's router",
      run: withoutDatabase({ replace: { 'dist/app.js': 'by-router-app.js' } }),
    },
    bareExpressVariant,
  ],
};

function stack(name: string, title: string, { replace = {}, processes = 1, connections }: StackOptions = {}): Variant {
  return {
    name,
    title,
    run: (bench, database) =>
      reserveOverHttp(
        { ...bench, ...(connections !== undefined && { connections }) },
        database,
        Array.from({ length: processes }, () => service(database.url, { replace })),
      ),
  };
}
