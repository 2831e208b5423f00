import type { QueryClient } from '@tanstack/react-query';
import type { DropFeed, FeedEvents } from '../../../src/client/index.js';
import type { Drop, PageMeta } from '../api/client.js';
import { keys } from '../api/queries.js';

type Purchase = Parameters<FeedEvents['purchase_update']>[0];
interface DropPage {
  readonly drops: Drop[];
  readonly meta: PageMeta;
}

/** As many as a drop shows. */
const BUYERS = 3;
/** A burst of changes costs one fetch; longer than the server keeps a list. */
const LIST_DELAY_MS = 300;
/** Between two fetches while drops keep changing. */
const LIST_PERIOD_MS = 1_500;
/** Up to this much later, at random: thousands of pages receive a change at the same moment. */
const LIST_SPREAD_MS = 700;

/**
 * Carries what the feed tells beside stock into the fetched answers: details, buyers, new drops. Stock itself is read from
 * the feed (see use-live.ts). Until the returned function is called.
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

  /** All purchases of a frame at once: in a rush they are many. */
  function takePurchases(): void {
    const news = Map.groupBy(purchases, ({ dropId }) => dropId);
    purchases = [];
    change((drop) => withBuyers(drop, news.get(drop.id) ?? []));
  }

  /** Fetches the lists that are shown again, soon and not too often: which drops they contain may have changed. */
  function refreshLists(): void {
    if (listTimer !== undefined) return;
    const delay = Math.max(LIST_DELAY_MS, listsFetchedAt + LIST_PERIOD_MS - performance.now());
    listTimer = setTimeout(
      () => {
        listTimer = undefined;
        listsFetchedAt = performance.now();
        // A fetch that began before the change does not show it. To cancel it each time could delay a slow one for ever.
        if (queries.isFetching({ queryKey: keys.allDrops, type: 'active' }) > 0) refreshLists();
        else void queries.invalidateQueries({ queryKey: keys.allDrops });
      },
      delay + Math.random() * LIST_SPREAD_MS,
    );
  }

  /** The status of a drop as the lists that are shown have it. */
  function listedStatuses(dropId: string): Drop['status'][] {
    return queries
      .getQueriesData<DropPage>({ queryKey: keys.allDrops, type: 'active' })
      .flatMap(([, page]) => page?.drops.find(({ id }) => id === dropId)?.status ?? []);
  }

  function lookAgain(): void {
    void queries.invalidateQueries({ queryKey: keys.allDrops });
    void queries.invalidateQueries({ queryKey: ['drop'] });
    void queries.invalidateQueries({ queryKey: ['user'] });
  }

  const unlisten = [
    feed.on('change', (dropId, picture) => {
      if (listTimer === undefined && listedStatuses(dropId).some((status) => status !== picture?.status))
        refreshLists();
    }),
    feed.on('purchase_update', (purchase) => {
      if (purchases.push(purchase) === 1) nextFrame(takePurchases);
    }),
    feed.on('drop_update', (news) => {
      change((drop) => (drop.id === news.id && drop.version <= news.version ? news : drop));
      refreshLists();
      // With the drop its holds are gone.
      if (news.status === 'cancelled') void queries.invalidateQueries({ queryKey: ['user'] });
    }),
    feed.on('new_drop', refreshLists),
    // Versions of another database say nothing about these.
    feed.on('reset', () => void queries.resetQueries()),
    feed.on('status', (status) => {
      if (status !== 'live') return;
      // Buyers, new drops and lost holds of the time away were not told.
      if (wasLive) lookAgain();
      // Answers that failed, or were given a while before the feed was there.
      else void queries.refetchQueries({ type: 'active', stale: true });
      wasLive = true;
    }),
  ];
  return () => {
    clearTimeout(listTimer);
    for (const stop of unlisten) stop();
  };
}

/** The drop with these purchases among its latest; the same object if they are none of them. */
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
  return { ...drop, topPurchasers: latest.slice(0, BUYERS) };
}

/** What a purchase of a drop is recognised by, fetched or received as an event. */
function keyOf({ username, purchasedAt }: Omit<Purchase, 'dropId'>): string {
  return `${username} ${Date.parse(purchasedAt)}`;
}
