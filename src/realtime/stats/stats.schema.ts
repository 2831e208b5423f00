import { z } from 'zod';
import { isoTime } from '../../lib/validation/schema-primitives.js';

const count = z.int().min(0);

export const Stats = z
  .object({
    at: isoTime.meta({ description: "The server's clock, at the end of the second that is told of." }),
    period: z.number().min(0).meta({ description: 'How long that second was, in ms: divide by it for rates.' }),
    processes: z
      .int()
      .min(1)
      .meta({
        description:
          'Processes that the counts and the connections are of: with `REDIS_URL` all of the installation, workers too, ' +
          'else the one that this socket is connected to. `stock` and `holds` are of the database, and so of all.',
      }),
    connections: count.meta({
      description: 'Sockets that are connected: one for each open page, not for each person.',
    }),
    reservations: count.meta({ description: 'Units reserved in that second.' }),
    purchases: count.meta({ description: 'Holds purchased in that second.' }),
    releases: count.meta({ description: 'Holds that their owners let go in that second.' }),
    expiries: count.meta({ description: 'Holds that expired and were given back in that second.' }),
    refusals: z.record(z.string(), count).meta({
      description: 'Requests to reserve or to purchase that were refused in that second, by the code of the problem.',
    }),
    stock: z
      .object({
        availableStock: count.meta({ description: 'Units free to reserve.' }),
        reservedStock: count.meta({ description: 'Units held by active reservations.' }),
        soldStock: count.meta({ description: 'Units purchased.' }),
        totalStock: count.meta({ description: 'All units.' }),
      })
      .meta({ description: 'The sums over all drops, now.' }),
    holds: z
      .object({
        active: count.meta({ description: 'Those that run, or are overdue.' }),
        completed: count.meta({ description: 'Those that were purchased.' }),
        expired: count.meta({ description: 'Those whose time was over.' }),
        released: count.meta({ description: 'Those that were let go, or whose drop was cancelled.' }),
        countedAt: isoTime.meta({ description: 'When they were counted.' }),
      })
      .nullable()
      .meta({
        description:
          'All reservations there have ever been, by what became of them; null as long as they are being counted for the ' +
          'first time. Counted every ten seconds, or less often where that takes long.',
      }),
  })
  .meta({
    id: 'Stats',
    description:
      'Sent to admins alone, every second, whatever they subscribed to: to sockets that came with the token of an admin, as ' +
      'long as its owner is one.',
  });
export type Stats = z.infer<typeof Stats>;
