import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { createDropFeed } from '../../../src/client/index.js';
import { createListenerSet } from '../../../src/client/listeners.js';
import { createApi, type Api } from '../api/client.js';
import { mayPass } from '../api/problem.js';
import { createSessionStore, type SessionStore } from './session.js';
import { carryFeedToCache } from '../live/feed-to-cache.js';
import { createLive, type Live } from '../live/live.js';
import { watchPace } from '../live/update-rate.js';
import { createTicker, type Ticker } from '../live/ticker.js';
import { sharedStorage, windowStorage } from '../storage.js';
import type { DropFeed } from '../../../src/client/index.js';
import { createNotices, type Notices } from './notices.js';

/** What belongs to one identity: a session, or no session. It is replaced as a whole when the identity changes. */
export interface Identity {
  /** Different for each identity: as a React key, it remounts what shows answers. */
  readonly key: number;
  readonly api: Api;
  readonly queries: QueryClient;
}

/** Every long-lived object of the page, each made once, with those of the current identity. */
export interface Services extends Omit<PageServices, 'identity' | 'onIdentity'>, Identity {}

/** Every long-lived object of the page, each made once. */
export interface PageServices {
  readonly session: SessionStore;
  readonly identity: () => Identity;
  /** Calls back when another identity is current, until the returned function is called. */
  readonly onIdentity: (listener: () => void) => () => void;
  readonly feed: DropFeed;
  readonly live: Live;
  readonly ticker: Ticker;
  readonly notices: Notices;
  readonly close: () => void;
}

const MAX_RETRIES = 3;

export function createServices(window: Window): PageServices {
  const session = createSessionStore({ own: windowStorage, shared: sharedStorage });
  const token = () => session.get()?.token ?? null;
  const endIfCurrent = (refused: string | null) => {
    if (refused !== null && refused === token()) session.end('ended');
  };
  const feed = createDropFeed(window.location.origin, { token, dropIds: [] });
  const live = createLive(feed);
  const notices = createNotices();

  /** Answers, requests under way and retries of the identity before are dropped with it. */
  function createIdentity(key: number): Identity & { readonly end: () => void } {
    const ended = new AbortController();
    const api = createApi({
      token: token(),
      ended: ended.signal,
      onRefusedToken: endIfCurrent,
      onServerTime: live.hearTime,
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

  // The browser notices at once what the feed would find out by waiting in vain: it connects anew either way.
  const networkChanged = ({ type }: Event) => {
    live.setOnline(type === 'online');
    if (type === 'offline' || feed.status !== 'live') feed.setToken(token);
  };
  window.addEventListener('offline', networkChanged);
  window.addEventListener('online', networkChanged);

  // A page that was frozen in the back/forward cache has missed the storage events of the time in between.
  const REREAD_ON = ['storage', 'pageshow'] as const;
  for (const name of REREAD_ON) window.addEventListener(name, session.reread);
  let shown = token();
  const stops = [
    watchPace(feed, window.document.documentElement),
    feed.on('status', (status) => {
      if (status === 'refused') endIfCurrent(shown);
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
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

/** @throws {Error} outside of ServicesProvider. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('There is no ServicesProvider above');
  return services;
}
