import type { Benchmark } from '../benchmark.js';
import type { Template } from '../harness/database.js';
import { insertPastReservations } from '../harness/fill-database.js';
import { reserveOverHttp } from '../harness/hot-drop.js';
import { service } from '../harness/over-http.js';

const history: Template = {
  name: 'history',
  fill: (database) => insertPastReservations(database, { users: 100_000, drops: 30 }),
};

/** What past reservations cost, with statistics that were taken before the drop. */
export const hotDropHistory: Benchmark = {
  name: 'hot-drop-history',
  title: 'Hot drop with past reservations, over HTTP',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'with-history',
  variants: [
    {
      name: 'with-history',
      title: 'with three million past reservations',
      template: history,
      run: (bench, database) => reserveOverHttp(bench, database, [service(database.url)]),
    },
    {
      name: 'without-history',
      title: 'without past reservations',
      run: (bench, database) => reserveOverHttp(bench, database, [service(database.url)]),
    },
  ],
};
