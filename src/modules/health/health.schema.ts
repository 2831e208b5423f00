import { z } from 'zod';

export const HealthResponse = z
  .object({ status: z.literal('ok').meta({ description: 'Always `ok`; a failure is a problem response.' }) })
  .meta({ id: 'Health', description: 'The result of a health check.' });
