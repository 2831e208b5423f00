import { z } from 'zod';

export const HealthResponse = z
  .object({ status: z.literal('ok').meta({ description: 'Always `ok`; a failure is answered as a problem.' }) })
  .meta({ id: 'Health', description: 'A sign of life.' });
