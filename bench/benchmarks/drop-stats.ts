import type { Benchmark } from '../benchmark.js';
import { serviceLayer } from '../harness/hot-drop.js';
import { refuseInProcess } from './sold-out.js';

/** What the counts of refusals cost, where nothing but refusals is served. */
export const statsRefusals: Benchmark = {
  name: 'stats-refusals',
  title: 'Refusals, counted or not, service layer',
  unit: 'refusals/s',
  better: 'higher',
  subject: 'counted',
  variants: [
    { name: 'counted', title: 'counted in memory, written once a second', run: refuseInProcess('ours') },
    { name: 'not-counted', title: 'not counted', run: refuseInProcess('not-counting') },
  ],
};

/** What the sums of `drop_stats` cost a reservation. */
export const statsReservations: Benchmark = {
  name: 'stats-reservations',
  title: 'Reservations with stats of the drop or without, service layer',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'with-stats',
  variants: [
    serviceLayer({ name: 'with-stats', title: 'with the sums of drop_stats' }),
    serviceLayer({
      name: 'without-stats',
      title: 'without',
      setUp: 'DROP TRIGGER stock_movements_add_stats ON stock_movements;',
    }),
  ],
};
