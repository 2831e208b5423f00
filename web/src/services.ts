import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { createDropFeed } from '../../src/client/index.js';
import { createApi, type Api } from './api/client.js';
import { mayPass } from './api/problem.js';
import { createSessionStore, type SessionStore } from './auth/session.js';
import { carryFeedToCache } from './live/feed-to-cache.js';
import { createLive, type Live } from './live/live.js';
import { watchPace } from './live/pace.js';
import { createTicker, type Ticker } from './live/ticker.js';
import { sharedStorage, windowStorage } from './storage.js';
import type { DropFeed } from '../../src/client/index.js';
import { createNotices, type Notices } from './shell/notices.js';

/** Every long-lived thing of the page, each made once. */
export interface Services {
  readonly api: Api;
  readonly session: SessionStore;
  readonly queries: QueryClient;
  readonly feed: DropFeed;
  readonly live: Live;
  readonly ticker: Ticker;
  readonly notices: Notices;
  readonly close: () => void;
}

const MAX_RETRIES = 3;

export function createServices(window: Window): Services {
  const session = createSessionStore({ own: windowStorage, shared: sharedStorage });
  const token = () => session.get()?.token ?? null;
  const endIfCurrent = (refused: string | null) => {
    if (refused !== null && refused === token()) session.end('ended');
  };
  const feed = createDropFeed(window.location.origin, { token, dropIds: [] });
  const live = createLive(feed);
  const api = createApi({ token, onRefusedToken: endIfCurrent, onServerTime: live.hearTime });
  const queries = new QueryClient({
    defaultOptions: {
      // The service may well be on this machine, whatever the browser thinks of the network.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        // What the server refuses it refuses again; what it could not answer is asked again.
        retry: (failures, error) => failures < MAX_RETRIES && mayPass(error),
        staleTime: 1_000,
      },
    },
  });
  const notices = createNotices();

  window.addEventListener('storage', session.reread);
  let shown = token();
  const stops = [
    carryFeedToCache(feed, queries),
    watchPace(feed, window.document.documentElement),
    feed.on('status', (status) => {
      if (status === 'refused') endIfCurrent(shown);
    }),
    session.subscribe(() => {
      shown = token();
      feed.setToken(token);
      queries.removeQueries({ queryKey: ['user'] });
    }),
  ];

  return {
    api,
    session,
    queries,
    feed,
    live,
    ticker: createTicker(live.serverNow),
    notices,
    close() {
      window.removeEventListener('storage', session.reread);
      for (const stop of stops) stop();
      live.close();
    },
  };
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

/** @throws {Error} outside of ServicesProvider. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('There is no ServicesProvider above');
  return services;
}
