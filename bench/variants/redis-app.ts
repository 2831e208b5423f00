import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import express, { type ErrorRequestHandler } from 'express';
import { createTokens } from '../../src/lib/auth/tokens.js';
import { CreateReservationBody } from '../../src/modules/reservations/reservations.schema.js';
import { JWT_SECRET } from '../harness/load-users.js';
import { HOLD_TTL_MS } from './support.js';

/** Keys of a drop. */
export const stockKey = (dropId: string) => `drop:${dropId}:stock`;
export const holdsKey = (dropId: string) => `drop:${dropId}:holds`;
const holdKey = (dropId: string, userId: string) => `drop:${dropId}:user:${userId}`;

/**
 * Takes a unit for a user in one step. A hold is a key that expires, and a member of the drop's holds by expiry, through which
 * units of expired holds return to the stock. KEYS: the stock, the holds, the user's hold. ARGV: the id and the length of the
 * hold in ms.
 */
const RESERVE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expired = redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if expired > 0 then redis.call('INCRBY', KEYS[1], expired) end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'already-reserved'} end
local available = tonumber(redis.call('GET', KEYS[1]))
if not available then return {'drop-not-found'} end
if available < 1 then return {'sold-out'} end
redis.call('DECR', KEYS[1])
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
return {'granted', available - 1, now}
`;

type Outcome = readonly [refusal: string] | readonly [granted: 'granted', available: number, now: number];

/** An Express app whose stock is in Redis: the same tokens, validation and response as the service, and nothing else of it. */
export async function openRedisApp(url: string) {
  const redis = createClient({ url });
  // Without a listener, a lost connection would end the process; with it, requests fail.
  redis.on('error', () => undefined);
  await redis.connect();
  const script = await redis.scriptLoad(RESERVE);
  const tokens = createTokens(JWT_SECRET, 0);

  async function reserve(userId: string, dropId: string, id: string): Promise<Outcome> {
    const keys = [stockKey(dropId), holdsKey(dropId), holdKey(dropId, userId)];
    return (await redis.evalSha(script, { keys, arguments: [id, String(HOLD_TTL_MS)] })) as unknown as Outcome;
  }

  const app = express().post('/api/reservations', express.json(), async (req, res) => {
    const claims = tokens.verify(/^Bearer (.+)$/.exec(req.get('Authorization') ?? '')?.[1] ?? '');
    if (!claims) {
      res.status(401).json({ code: 'unauthenticated' });
      return;
    }
    const { data: body, error } = CreateReservationBody.safeParse(req.body);
    if (!body) {
      res.status(400).json({ code: 'invalid-request', errors: error.issues });
      return;
    }
    const id = randomUUID();
    const [outcome, availableStock = 0, now = 0] = await reserve(claims.sub, body.dropId, id);
    if (outcome !== 'granted') {
      res.status(409).json({ code: outcome });
      return;
    }
    const serverTime = new Date(now).toISOString();
    const reservation = {
      id,
      userId: claims.sub,
      dropId: body.dropId,
      status: 'active',
      expiresAt: new Date(now + HOLD_TTL_MS).toISOString(),
      createdAt: serverTime,
      updatedAt: serverTime,
    };
    res.status(201).json({
      status: 'success',
      message: 'Unit reserved',
      data: { reservation, availableStock, serverTime },
    });
  });
  // Without it, Express would print the stack of each error.
  const onError: ErrorRequestHandler = (_error, _req, res, _next) => {
    res.status(500).json({ code: 'internal' });
  };
  return {
    listener: app.use(onError),
    close: () => redis.close(),
  };
}
