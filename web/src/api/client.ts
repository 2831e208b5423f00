import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './contract.js';
import { ApiError, errorOf, isProblemOf, NoAnswerError, type Problem } from './problem.js';

/** The client of the API, typed by its OpenAPI document. A call that fails throws ApiError or NoAnswerError. */
export type Api = Client<paths, 'application/json'>;

type Schemas = components['schemas'];
export type Drop = Schemas['Drop'];
export type DropStatus = Drop['status'];
export type Reservation = Schemas['Reservation'];
export type Purchase = Schemas['PurchaseWithDrop'];
export type PageMeta = Schemas['PageMeta'];

interface ApiOptions {
  /** Sent with every request; null: none. */
  readonly token: string | null;
  /** Aborted when the identity changes: no request is sent afterwards, and pending calls neither return nor throw. */
  readonly ended: AbortSignal;
  /** The server has refused this token, with this problem. */
  readonly onRefusedToken: (token: string, problem: Problem) => void;
  /** The server's time, from each response: ms since 1970, in whole seconds, never ahead. */
  readonly onServerTime: (time: number) => void;
}

/** A request without a complete answer by then counts as one whose answer was lost. Longer than the server's own deadlines. */
const REQUEST_TIMEOUT_MS = 15_000;

/** Their 401 is about the account that signs in, not about the current token. */
const SIGNING_IN = ['/api/users/login', '/api/users/register'];

export function createApi({ token, ended, onRefusedToken, onServerTime }: ApiOptions): Api {
  const api = createClient<paths, 'application/json'>({
    baseUrl: '/',
    fetch: (request) =>
      fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) }),
  });
  api.use({
    onRequest({ request, schemaPath }) {
      if (token !== null && !SIGNING_IN.includes(schemaPath)) request.headers.set('Authorization', `Bearer ${token}`);
    },
    async onResponse({ request, response }) {
      const time = Date.parse(response.headers.get('Date') ?? '');
      if (!Number.isNaN(time)) onServerTime(time);
      if (response.ok) return;
      const error = await errorOf(response);
      const sent = request.headers.get('Authorization')?.slice('Bearer '.length);
      if (sent && isProblemOf(error, 'unauthenticated')) onRefusedToken(sent, error.problem);
      throw error;
    },
  });
  return {
    ...api,
    GET: untilEnded(api.GET),
    POST: untilEnded(api.POST),
    PATCH: untilEnded(api.PATCH),
    DELETE: untilEnded(api.DELETE),
  };

  /** Makes calls that neither start nor settle after the identity has ended, so that their callers never continue. */
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

/** The body of a successful response. Calls that fail have thrown before. */
export function bodyOf<Data>({ data }: { data?: Data }): Data {
  if (data === undefined) throw new NoAnswerError(new Error('The response has no body'));
  return data;
}
