import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './contract.js';
import { errorOf, isProblemOf, NoAnswerError } from './problem.js';

/** Calls the service, typed by its OpenAPI document. A call that does not succeed throws ApiError or NoAnswerError. */
export type Api = Client<paths>;

type Schemas = components['schemas'];
export type Drop = Schemas['Drop'];
export type DropStatus = Drop['status'];
export type Reservation = Schemas['Reservation'];
export type Purchase = Schemas['PurchaseWithDrop'];
export type PageMeta = Schemas['PageMeta'];

interface ApiOptions {
  /** Whom calls are made for; null: nobody. */
  readonly token: () => string | null;
  /** The server does not take this token (any more). */
  readonly onRefusedToken: (token: string) => void;
  /** The server's time, ms since 1970, to the second and never ahead: with every answer. */
  readonly onServerTime: (time: number) => void;
}

export function createApi({ token, onRefusedToken, onServerTime }: ApiOptions): Api {
  const api = createClient<paths>({ baseUrl: '/' });
  api.use({
    onRequest({ request }) {
      const current = token();
      if (current) request.headers.set('Authorization', `Bearer ${current}`);
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
    onError: ({ error }) => new NoAnswerError(error),
  });
  return api;
}

/** What a call that succeeded was answered with; every other one has thrown already. */
export function answerOf<Data>({ data }: { data?: Data }): Data {
  if (data === undefined) throw new NoAnswerError(new Error('an answer without a body'));
  return data;
}
