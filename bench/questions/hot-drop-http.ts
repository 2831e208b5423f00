import type { BenchDatabase } from '../harness/database.js';
import { bareExpressVariant, HOT_STOCK, reserveOverHttp } from '../harness/hot-drop.js';
import { measureOverHttp, reserving, service } from '../harness/over-http.js';
import type { ServerPlan } from '../processes/server.js';
import type { Bench, Measurement, Question, Variant } from '../question.js';

/** 256 connections from another process, one drop: reservations a second. */
export const hotDropHttp: Question = {
  name: 'hot-drop-http',
  title: 'Hot drop, over HTTP',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'one-transaction',
  variants: [
    stack('ours', 'ours', {}),
    stack('one-transaction', 'one Prisma transaction a request, same stack and auth', {
      'reservations.service.js': 'one-transaction-reservations.js',
    }),
    stack('sequelize-like', 'one transaction a request as an active-record ORM sends it, same stack and auth', {
      'reservations.service.js': 'sequelize-like-reservations.js',
    }),
    { name: 'no-database', title: 'the same stack without a database', measure: withoutDatabase },
    bareExpressVariant,
  ],
};

/** The service, with modules of it exchanged. */
function stack(name: string, title: string, replace: ServerPlan['replace']): Variant {
  return {
    name,
    title,
    measure: (bench, database) => reserveOverHttp(bench, database, [service(database.url, replace)]),
  };
}

async function withoutDatabase(bench: Bench, database: BenchDatabase): Promise<Measurement> {
  const server = service(database.url, {
    'reservations.service.js': 'constant-reservations.js',
    'lib/auth/user-lookup.js': 'constant-users.js',
  });
  const request = reserving(bench, await database.createDrop(HOT_STOCK));
  const { answered, violations, ...measured } = await measureOverHttp(bench, {
    servers: [server],
    request,
    status: 201,
  });
  const transactions = await database.transactions();
  const asked = transactions > answered / 10 ? [`a stack without a database made ${transactions} transactions`] : [];
  return { ...measured, violations: [...violations, ...asked] };
}
