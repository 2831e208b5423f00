import { serviceLayer } from '../harness/hot-drop.js';
import type { Question } from '../question.js';

const dropForeignKey = (column: string) => `ALTER TABLE reservations DROP CONSTRAINT reservations_${column}_fkey;`;
const NO_FOREIGN_KEYS = ['user_id', 'drop_id'].map(dropForeignKey).join('');
// Of the rest, the statements of the service need the partial ones to find holds by.
const NO_OTHER_INDEXES = `
  ALTER TABLE purchases DROP CONSTRAINT purchases_reservation_id_user_id_drop_id_fkey;
  DROP INDEX reservations_id_user_id_drop_id_key, reservations_user_id_idempotency_key_key;`;

/** Where PostgreSQL's time goes: the service layer's question again, each time without a part of what it costs, or with one more. */
export const costOfAHold: Question = {
  name: 'cost-of-a-hold',
  title: 'Hot drop, service layer, and what PostgreSQL does for a hold',
  unit: 'reservations/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'none',
  variants: [
    serviceLayer({ name: 'ours', title: 'ours' }),
    serviceLayer({
      name: 'planned-anew',
      title: 'with every statement planned anew, as behind a pooler',
      connection: { pgbouncer: 'true' },
    }),
    serviceLayer({
      name: 'no-user-key',
      title: 'without the foreign key to users',
      setUp: dropForeignKey('user_id'),
    }),
    serviceLayer({ name: 'no-foreign-keys', title: 'without both foreign keys', setUp: NO_FOREIGN_KEYS }),
    serviceLayer({ name: 'no-indexes', title: 'without the indexes that only guard', setUp: NO_OTHER_INDEXES }),
    serviceLayer({
      name: 'none',
      title: 'without either',
      setUp: NO_FOREIGN_KEYS + NO_OTHER_INDEXES,
    }),
  ],
};
