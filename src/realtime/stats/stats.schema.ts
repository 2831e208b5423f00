import { z } from 'zod';
import { isoTime } from '../../lib/validation/schema-primitives.js';

const count = z.int().min(0);

export const Stats = z
  .object({
    at: isoTime.meta({ description: "The server's clock at the end of the period." }),
    period: z.number().min(0).meta({
      description: 'Length of the period in ms, about one second. Divide the counts by it for rates.',
    }),
    processes: z
      .int()
      .min(1)
      .meta({
        description:
          'Processes that the counts and `connections` include: with `REDIS_URL` all of the installation, workers too; ' +
          'without it the one that this socket is connected to. `stock` and `holds` are read from the database.',
      }),
    connections: count.meta({
      description: 'Connected sockets: one for each open page, not for each person.',
    }),
    reservations: count.meta({ description: 'Units reserved in the period.' }),
    purchases: count.meta({ description: 'Units purchased in the period.' }),
    releases: count.meta({ description: 'Reservations that their owners released in the period.' }),
    expiries: count.meta({ description: 'Reservations that expired in the period.' }),
    refusals: z.record(z.string(), count).meta({
      description: 'Requests to reserve or to purchase that were refused in the period, by the code of the problem.',
    }),
    stock: z
      .object({
        availableStock: count.meta({ description: 'Units free to reserve.' }),
        reservedStock: count.meta({ description: 'Units held by active reservations.' }),
        soldStock: count.meta({ description: 'Units purchased.' }),
        totalStock: count.meta({ description: 'All units.' }),
      })
      .meta({ description: 'The current sums over all drops.' }),
    holds: z
      .object({
        active: count.meta({ description: 'Active reservations, overdue ones included.' }),
        completed: count.meta({ description: 'Purchased reservations.' }),
        expired: count.meta({ description: 'Expired reservations.' }),
        released: count.meta({ description: 'Reservations that were released, or whose drop was cancelled.' }),
        countedAt: isoTime.meta({ description: 'When they were counted.' }),
      })
      .nullable()
      .meta({
        description:
          'All reservations ever made, by status; null until the first count is complete. Counted every ten seconds, or less ' +
          'often where counting is slow.',
      }),
  })
  .meta({
    id: 'Stats',
    description:
      'Sent to admins every second, whatever they subscribed to: to sockets that connected with the token of an admin, as ' +
      'long as its user is an admin.',
  });
export type Stats = z.infer<typeof Stats>;
