import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { createDropFeed } from '../../../src/client/index.js';
import { createListenerSet } from '../../../src/client/listeners.js';
import { createApi, type Api } from '../api/client.js';
import { isTransient } from '../api/problem.js';
import { createSessionStore, endReasonOf, type EndReason, type SessionStore } from './session.js';
import { carryFeedToCache } from '../live/feed-to-cache.js';
import { createLive, type Live } from '../live/live.js';
import { watchUpdateRate } from '../live/update-rate.js';
import { createTicker, type Ticker } from '../live/ticker.js';
import { sharedStorage, windowStorage } from '../storage.js';
import type { DropFeed } from '../../../src/client/index.js';
import { createNotices, type Notices } from './notices.js';
import { createReserveIntent, type ReserveIntentStore } from './reserve-intent.js';

/** The objects of one identity: a session, or no session. They are all replaced when the identity changes. */
export interface Identity {
  /** Different for each identity: a React key, which remounts components that show answers. */
  readonly key: number;
  readonly api: Api;
  readonly queries: QueryClient;
}

/** The long-lived objects of the page, with those of the current identity. */
export interface Services extends Omit<PageServices, 'identity' | 'onIdentity'>, Identity {}

/** The long-lived objects of the page, each created once. */
export interface PageServices {
  readonly session: SessionStore;
  readonly identity: () => Identity;
  /** Notifies when the identity changes. Returns a function that removes the listener. */
  readonly onIdentity: (listener: () => void) => () => void;
  readonly feed: DropFeed;
  readonly live: Live;
  readonly ticker: Ticker;
  readonly notices: Notices;
  readonly reserveIntent: ReserveIntentStore;
  readonly close: () => void;
}

const MAX_RETRIES = 3;

export function createServices(window: Window): PageServices {
  const session = createSessionStore({ own: windowStorage, shared: sharedStorage });
  const token = () => session.get()?.token ?? null;
  const endIfCurrent = (refused: string | null, reason: EndReason) => {
    if (refused !== null) session.refuse(refused, reason);
  };
  const feed = createDropFeed(window.location.origin, { token, dropIds: [] });
  const live = createLive(feed);
  const notices = createNotices();

  /** Ending an identity discards its cached answers, pending requests and retries. */
  function createIdentity(key: number): Identity & { readonly end: () => void } {
    const ended = new AbortController();
    const api = createApi({
      token: token(),
      ended: ended.signal,
      onRefusedToken: (refused, problem) => {
        endIfCurrent(refused, endReasonOf(problem.reason));
      },
      onServerTime: live.setRoughTime,
    });
    const queries = createQueries();
    const stopFeed = carryFeedToCache(feed, queries);
    return {
      key,
      api,
      queries,
      end() {
        ended.abort();
        stopFeed();
        queries.clear();
        notices.clear();
      },
    };
  }

  let identity = createIdentity(0);
  const identityListeners = createListenerSet();

  // The browser detects a lost network earlier than the read timeout of the feed. Either way the feed reconnects.
  const networkChanged = ({ type }: Event) => {
    live.setOnline(type === 'online');
    if (type === 'offline' || feed.status !== 'live') feed.setToken(token);
  };
  window.addEventListener('offline', networkChanged);
  window.addEventListener('online', networkChanged);

  // A page that returns from the back/forward cache has missed the storage events in between.
  const REREAD_ON = ['storage', 'pageshow'] as const;
  for (const name of REREAD_ON) window.addEventListener(name, session.reread);
  let shown = token();
  /** The sockets have refused the token. The response of the API has the reason, and ends the session first. */
  async function endRefused(refused: string | null): Promise<void> {
    await identity.api.GET('/api/users/me').catch(() => undefined);
    endIfCurrent(refused, 'ended');
  }
  const stops = [
    watchUpdateRate(feed, window.document.documentElement),
    feed.on('account_closed', ({ code }) => {
      endIfCurrent(shown, endReasonOf(code));
    }),
    feed.on('status', (status) => {
      if (status === 'refused') void endRefused(shown);
    }),
    session.subscribe(() => {
      shown = token();
      identity.end();
      identity = createIdentity(identity.key + 1);
      identityListeners.notify();
      feed.setToken(token);
    }),
  ];

  return {
    session,
    identity: () => identity,
    onIdentity: identityListeners.add,
    feed,
    live,
    ticker: createTicker(live.serverNow),
    notices,
    reserveIntent: createReserveIntent(),
    close() {
      for (const name of REREAD_ON) window.removeEventListener(name, session.reread);
      window.removeEventListener('offline', networkChanged);
      window.removeEventListener('online', networkChanged);
      for (const stop of stops) stop();
      identity.end();
      live.close();
    },
  };
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The service may run on this machine: requests do not depend on the browser's network state.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        // Refusals are final; only transient errors are retried.
        retry: (failures, error) => failures < MAX_RETRIES && isTransient(error),
        staleTime: 1_000,
      },
    },
  });
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

/** @throws {Error} outside of ServicesProvider. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('There is no ServicesProvider above');
  return services;
}
