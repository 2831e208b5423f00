import { reserveOverHttp } from '../harness/hot-drop.js';
import { service } from '../harness/over-http.js';
import type { Question, Variant } from '../question.js';

/** Two processes on one database and one drop: are they exact, and what do they give over one? */
export const twoProcesses: Question = {
  name: 'two-processes',
  title: 'Hot drop, over HTTP, two processes on one database',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'two-processes',
  baseline: 'one-process',
  variants: [
    processes('one-process', 'one process', 1),
    processes('two-processes', 'two processes, half of the connections each', 2),
  ],
};

function processes(name: string, title: string, count: number): Variant {
  return {
    name,
    title,
    measure: (bench, database) =>
      reserveOverHttp(
        bench,
        database,
        Array.from({ length: count }, () => service(database.url)),
      ),
  };
}
