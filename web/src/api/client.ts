import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './contract.js';
import { ApiError, errorOf, isProblemOf, NoAnswerError } from './problem.js';

/** Calls the service, typed by its OpenAPI document. A call that does not succeed throws ApiError or NoAnswerError. */
export type Api = Client<paths>;

type Schemas = components['schemas'];
export type Drop = Schemas['Drop'];
export type DropStatus = Drop['status'];
export type Reservation = Schemas['Reservation'];
export type Purchase = Schemas['PurchaseWithDrop'];
export type PageMeta = Schemas['PageMeta'];

interface ApiOptions {
  /** Whom calls are made for, for as long as this client is used; null: nobody. */
  readonly token: string | null;
  /** Aborted when another identity is current: no call is sent any more, and none under way returns or throws. */
  readonly ended: AbortSignal;
  /** The server does not take this token (any more). */
  readonly onRefusedToken: (token: string) => void;
  /** The server's time, ms since 1970, to the second and never ahead: with every answer. */
  readonly onServerTime: (time: number) => void;
}

/** A request without a complete answer by then counts as one whose answer was lost. Longer than the server's own deadlines. */
const REQUEST_TIMEOUT_MS = 15_000;

export function createApi({ token, ended, onRefusedToken, onServerTime }: ApiOptions): Api {
  const api = createClient<paths>({
    baseUrl: '/',
    fetch: (request) =>
      fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) }),
  });
  api.use({
    onRequest({ request }) {
      if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
    },
    async onResponse({ request, response }) {
      const time = Date.parse(response.headers.get('Date') ?? '');
      if (!Number.isNaN(time)) onServerTime(time);
      if (response.ok) return;
      const error = await errorOf(response);
      const sent = request.headers.get('Authorization')?.slice('Bearer '.length);
      if (sent && isProblemOf(error, 'unauthenticated')) onRefusedToken(sent);
      throw error;
    },
  });
  return { ...api, GET: untilEnded(api.GET), POST: untilEnded(api.POST), DELETE: untilEnded(api.DELETE) };

  /** A call that neither starts nor settles once the identity has ended: what waits for it never continues. */
  function untilEnded<Call extends (...parameters: never[]) => Promise<unknown>>(call: Call): Call {
    const callUntilEnded = async (...parameters: Parameters<Call>) => {
      if (ended.aborted) await NEVER;
      try {
        return await call(...parameters);
      } catch (error) {
        // No response, or one that broke off.
        throw error instanceof ApiError ? error : new NoAnswerError(error);
      } finally {
        if (ended.aborted) await NEVER;
      }
    };
    return callUntilEnded as Call;
  }
}

const NEVER = new Promise<never>(() => undefined);

/** What a call that succeeded was answered with; every other one has thrown already. */
export function answerOf<Data>({ data }: { data?: Data }): Data {
  if (data === undefined) throw new NoAnswerError(new Error('an answer without a body'));
  return data;
}
