import type { QueryClient } from '@tanstack/react-query';
import type { DropFeed, FeedEvents } from '../../../src/client/index.js';
import type { Drop, PageMeta } from '../api/client.js';
import { keys } from '../api/queries.js';

type Purchase = Parameters<FeedEvents['purchase_update']>[0];
interface DropPage {
  readonly drops: Drop[];
  readonly meta: PageMeta;
}

/** Buyers that a drop shows. */
const MAX_BUYERS = 3;
/** A burst of changes causes one fetch. Longer than the server caches a list. */
const LIST_DELAY_MS = 300;
/** The shortest time between two fetches while drops keep changing. */
const LIST_PERIOD_MS = 1_500;
/** The longest random delay: thousands of pages receive a change at the same moment. */
const LIST_SPREAD_MS = 700;
/** The same at the start of a drop, for which most pages are open; they show it without the fetch. */
const START_SPREAD_MS = 4_000;
/** A drop that became live so long after its start did so because it started. */
const MAX_START_DELAY_MS = 10_000;

/**
 * Copies details, buyers and new drops from the feed into the cached answers. Stock is read from the feed itself: see
 * use-live.ts. Returns a function that stops it.
 */
export function carryFeedToCache(
  feed: DropFeed,
  queries: QueryClient,
  nextFrame: (work: () => void) => unknown = requestAnimationFrame,
): () => void {
  let purchases: Purchase[] = [];
  let listTimer: ReturnType<typeof setTimeout> | undefined;
  let listsFetchedAt = -Infinity;
  let wasLive = false;

  function change(alter: (drop: Drop) => Drop): void {
    queries.setQueriesData<Drop>({ queryKey: ['drop'] }, (drop) => drop && alter(drop));
    queries.setQueriesData<DropPage>({ queryKey: keys.allDrops }, (page) => {
      if (!page) return page;
      const drops = page.drops.map(alter);
      return drops.some((drop, index) => drop !== page.drops[index]) ? { ...page, drops } : page;
    });
  }

  /** Adds all purchases of a frame at once. */
  function addPurchases(): void {
    const news = Map.groupBy(purchases, ({ dropId }) => dropId);
    purchases = [];
    change((drop) => withBuyers(drop, news.get(drop.id) ?? []));
  }

  /** Fetches the visible lists again at a limited rate: the drops that they contain may have changed. */
  function refreshLists(spreadMs = LIST_SPREAD_MS): void {
    if (listTimer !== undefined) return;
    const delay = Math.max(LIST_DELAY_MS, listsFetchedAt + LIST_PERIOD_MS - performance.now());
    listTimer = setTimeout(
      () => {
        listTimer = undefined;
        listsFetchedAt = performance.now();
        // A pending fetch may have started before the change. Cancelling it each time could delay a slow one forever.
        if (queries.isFetching({ queryKey: keys.allDrops, type: 'active' }) > 0) refreshLists();
        else void queries.invalidateQueries({ queryKey: keys.allDrops });
      },
      delay + Math.random() * spreadMs,
    );
  }

  /** The statuses of a drop in the visible lists. */
  function listedStatuses(dropId: string): Drop['status'][] {
    return queries
      .getQueriesData<DropPage>({ queryKey: keys.allDrops, type: 'active' })
      .flatMap(([, page]) => page?.drops.find(({ id }) => id === dropId)?.status ?? []);
  }

  function refetchAll(): void {
    void queries.invalidateQueries({ queryKey: keys.allDrops });
    void queries.invalidateQueries({ queryKey: ['drop'] });
    void queries.invalidateQueries({ queryKey: ['user'] });
  }

  const unlisten = [
    feed.on('change', (dropId, snapshot) => {
      if (listTimer !== undefined) return;
      const changed = listedStatuses(dropId).filter((status) => status !== snapshot?.status);
      if (changed.length > 0) refreshLists(changed.includes('scheduled') ? START_SPREAD_MS : LIST_SPREAD_MS);
    }),
    feed.on('purchase_update', (purchase) => {
      if (purchases.push(purchase) === 1) nextFrame(addPurchases);
    }),
    feed.on('drop_update', (news) => {
      change((drop) => (drop.id === news.id && drop.version <= news.version ? news : drop));
      const sinceStart = feed.serverNow() - Date.parse(news.dropStartsAt);
      const isStart = news.status === 'live' && sinceStart < MAX_START_DELAY_MS;
      refreshLists(isStart ? START_SPREAD_MS : LIST_SPREAD_MS);
      // Its reservations were released with it.
      if (news.status === 'cancelled') void queries.invalidateQueries({ queryKey: ['user'] });
    }),
    feed.on('new_drop', () => {
      refreshLists();
    }),
    // Another database: its versions cannot be compared with the cached ones.
    feed.on('reset', () => void queries.resetQueries()),
    feed.on('status', (status) => {
      if (status !== 'live') return;
      // Buyers, new drops and ended reservations of the meantime were missed.
      if (wasLive) refetchAll();
      // Answers that failed, or that are older than the first connection.
      else void queries.refetchQueries({ type: 'active', stale: true });
      wasLive = true;
    }),
  ];
  return () => {
    clearTimeout(listTimer);
    for (const stop of unlisten) stop();
  };
}

/** The drop with these purchases among its latest; the same object if it has them already. */
export function withBuyers(drop: Drop, purchases: readonly Omit<Purchase, 'dropId'>[]): Drop {
  const known = new Set(drop.topPurchasers.map(keyOf));
  const news = purchases.filter((purchase) => !known.has(keyOf(purchase)));
  if (news.length === 0) return drop;
  // The event carries no purchase id; the next fetch of the drop replaces this one.
  const added = news.map(({ username, purchasedAt }) => ({
    id: keyOf({ username, purchasedAt }),
    username,
    purchasedAt,
  }));
  const latest = [...added, ...drop.topPurchasers].sort(
    (a, b) => Date.parse(b.purchasedAt) - Date.parse(a.purchasedAt),
  );
  return { ...drop, topPurchasers: latest.slice(0, MAX_BUYERS) };
}

/** Identifies a purchase of a drop, fetched or received as an event. */
function keyOf({ username, purchasedAt }: Omit<Purchase, 'dropId'>): string {
  return `${username} ${Date.parse(purchasedAt)}`;
}
