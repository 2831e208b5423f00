import { bareExpressVariant, reserveOverHttp, withoutDatabase } from '../harness/hot-drop.js';
import { service } from '../harness/over-http.js';
import type { ServerPlan } from '../processes/server.js';
import type { Question, Variant } from '../question.js';

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
    { name: 'no-database', title: 'the same stack without a database', measure: withoutDatabase() },
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
