import type { DropFeed, InventorySnapshot } from '../../../src/client/index.js';
import { createListenerSet } from '../../../src/client/listeners.js';
import type { DropStatus } from '../api/client.js';

interface Occurrence {
  readonly id: number;
  readonly dropId: string;
  /** The first and the last change of the entry: ms since 1970, by the server's clock. */
  readonly since: number;
  readonly at: number;
}

/** An entry of the activity feed: one or several changes of the same kind to one drop. */
export type Activity = Occurrence &
  (
    | { readonly kind: 'held' | 'back'; readonly units: number }
    | { readonly kind: 'bought'; readonly units: number; readonly names: readonly string[] }
    | { readonly kind: 'restocked'; readonly units: number }
    | { readonly kind: 'status'; readonly status: DropStatus }
    | { readonly kind: 'new'; readonly name: string }
  );

type Change = Activity extends infer Each ? (Each extends Activity ? Omit<Each, keyof Occurrence> : never) : never;

/** The changes of drops, recorded while there are listeners. */
export interface ActivityFeed {
  /** The newest first; a new array after each change. */
  readonly all: () => readonly Activity[];
  /** Notifies of changes, at a limited rate. Returns a function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void;
}

const MAX_ENTRIES = 60;
/** Changes of one kind to one drop within this time are one entry. */
const MERGE_WINDOW_MS = 2_000;
const MAX_NAMES = 3;
const NOTIFY_PERIOD_MS = 250;

/** Derives the activity of the followed drops from the snapshots and events of the feed. */
export function createActivityFeed(feed: DropFeed, now: () => number = () => feed.serverNow()): ActivityFeed {
  const listeners = createListenerSet();
  const known = new Map<string, InventorySnapshot>();
  let all: readonly Activity[] = [];
  let nextId = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unlisten: (() => void)[] = [];

  function isSame(earlier: Activity, dropId: string, kind: Activity['kind']): boolean {
    return earlier.dropId === dropId && earlier.kind === kind && now() - earlier.since < MERGE_WINDOW_MS;
  }

  function add(dropId: string, change: Change): void {
    const index = all.findIndex((each) => isSame(each, dropId, change.kind));
    const before = all[index];
    const merged = before && merge(before, change);
    const at = now();
    const entry = merged ? { id: before.id, since: before.since } : { id: nextId++, since: at };
    const activity = { ...(merged ?? change), ...entry, dropId, at } as Activity;
    all = [activity, ...all.filter((_, place) => !merged || place !== index)].slice(0, MAX_ENTRIES);
    timer ??= setTimeout(() => {
      timer = undefined;
      listeners.notify();
    }, NOTIFY_PERIOD_MS);
  }

  function compare(before: InventorySnapshot, after: InventorySnapshot): void {
    const { dropId } = after;
    const total = after.totalStock - before.totalStock;
    const free = after.availableStock - before.availableStock - total;
    const sold = after.soldStock - before.soldStock;
    if (total !== 0) add(dropId, { kind: 'restocked', units: total });
    if (sold > 0) add(dropId, { kind: 'bought', units: sold, names: [] });
    if (free < 0) add(dropId, { kind: 'held', units: -free });
    if (free > 0) add(dropId, { kind: 'back', units: free });
    if (after.status !== before.status) add(dropId, { kind: 'status', status: after.status });
  }

  function listen(): (() => void)[] {
    known.clear();
    for (const snapshot of feed.drops()) known.set(snapshot.dropId, snapshot);
    return [
      feed.on('change', (dropId, snapshot) => {
        const before = known.get(dropId);
        if (snapshot) known.set(dropId, snapshot);
        else known.delete(dropId);
        if (before && snapshot) compare(before, snapshot);
      }),
      // The snapshot that counts the purchase comes first.
      feed.on('purchase_update', ({ dropId, username }) => {
        const isCounted = all.some((each) => isSame(each, dropId, 'bought'));
        add(dropId, { kind: 'bought', units: isCounted ? 0 : 1, names: [username] });
      }),
      feed.on('new_drop', (drop) => {
        add(drop.id, { kind: 'new', name: drop.name });
      }),
    ];
  }

  return {
    all: () => all,
    subscribe(listener) {
      const remove = listeners.add(listener);
      if (listeners.size === 1) unlisten = listen();
      return () => {
        remove();
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
        for (const stop of unlisten) stop();
      };
    },
  };
}

/** One entry for both; null: they stay two. */
function merge(before: Activity, change: Change): Change | null {
  if (before.kind === 'bought' && change.kind === 'bought') {
    const names = [...new Set([...change.names, ...before.names])].slice(0, MAX_NAMES);
    return { kind: 'bought', units: before.units + change.units, names };
  }
  if ((before.kind === 'held' || before.kind === 'back') && change.kind === before.kind) {
    return { kind: before.kind, units: before.units + change.units };
  }
  return null;
}
