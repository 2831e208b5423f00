import type { DropFeed, InventorySnapshot } from '../../../src/client/index.js';
import { createListenerSet } from '../../../src/client/listeners.js';
import type { DropStatus } from '../api/client.js';

interface Told {
  readonly id: number;
  readonly dropId: string;
  /** ms since 1970, by the server's clock: when it began, and when the last of it happened. */
  readonly since: number;
  readonly at: number;
}

/** Something that happened to a drop; what is the same and happens at once is one. */
export type Happening = Told &
  (
    | { readonly kind: 'held' | 'back'; readonly units: number }
    | { readonly kind: 'bought'; readonly units: number; readonly names: readonly string[] }
    | { readonly kind: 'restocked'; readonly units: number }
    | { readonly kind: 'status'; readonly status: DropStatus }
    | { readonly kind: 'new'; readonly name: string }
  );

type News = Happening extends infer Each ? (Each extends Happening ? Omit<Each, keyof Told> : never) : never;

/** What happens while somebody listens. */
export interface Happenings {
  /** The newest first; another array whenever something happened. */
  readonly all: () => readonly Happening[];
  /** Calls back when something has happened, a few times a second at most, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** As many as somebody may scroll through. */
const MOST = 60;
/** ms in which the same of one drop is one happening. */
const AT_ONCE = 2_000;
/** Of a rush of buyers. */
const MOST_NAMES = 3;
/** ms between two times that listeners are told. */
const PERIOD = 250;

/** Tells what happens to the drops that the feed follows, from its pictures and events. */
export function createHappenings(feed: DropFeed, now: () => number = () => feed.serverNow()): Happenings {
  const listeners = createListenerSet();
  const known = new Map<string, InventorySnapshot>();
  let all: readonly Happening[] = [];
  let nextId = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unlisten: (() => void)[] = [];

  function isSame(earlier: Happening, dropId: string, kind: Happening['kind']): boolean {
    return earlier.dropId === dropId && earlier.kind === kind && now() - earlier.since < AT_ONCE;
  }

  function tell(dropId: string, news: News): void {
    const index = all.findIndex((each) => isSame(each, dropId, news.kind));
    const before = all[index];
    const merged = before && merge(before, news);
    const at = now();
    const whose = merged ? { id: before.id, since: before.since } : { id: nextId++, since: at };
    const happening = { ...(merged ?? news), ...whose, dropId, at } as Happening;
    all = [happening, ...all.filter((_, place) => !merged || place !== index)].slice(0, MOST);
    timer ??= setTimeout(() => {
      timer = undefined;
      listeners.notify();
    }, PERIOD);
  }

  function compare(before: InventorySnapshot, after: InventorySnapshot): void {
    const { dropId } = after;
    const total = after.totalStock - before.totalStock;
    const free = after.availableStock - before.availableStock - total;
    const sold = after.soldStock - before.soldStock;
    if (total !== 0) tell(dropId, { kind: 'restocked', units: total });
    if (sold > 0) tell(dropId, { kind: 'bought', units: sold, names: [] });
    if (free < 0) tell(dropId, { kind: 'held', units: -free });
    if (free > 0) tell(dropId, { kind: 'back', units: free });
    if (after.status !== before.status) tell(dropId, { kind: 'status', status: after.status });
  }

  function listen(): (() => void)[] {
    known.clear();
    for (const picture of feed.drops()) known.set(picture.dropId, picture);
    return [
      feed.on('change', (dropId, picture) => {
        const before = known.get(dropId);
        if (picture) known.set(dropId, picture);
        else known.delete(dropId);
        if (before && picture) compare(before, picture);
      }),
      // It comes after the picture that counts it.
      feed.on('purchase_update', ({ dropId, username }) => {
        const isCounted = all.some((each) => isSame(each, dropId, 'bought'));
        tell(dropId, { kind: 'bought', units: isCounted ? 0 : 1, names: [username] });
      }),
      feed.on('new_drop', (drop) => {
        tell(drop.id, { kind: 'new', name: drop.name });
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

/** Both as one; null: they are two. */
function merge(before: Happening, news: News): News | null {
  if (before.kind === 'bought' && news.kind === 'bought') {
    const names = [...new Set([...news.names, ...before.names])].slice(0, MOST_NAMES);
    return { kind: 'bought', units: before.units + news.units, names };
  }
  if ((before.kind === 'held' || before.kind === 'back') && news.kind === before.kind) {
    return { kind: before.kind, units: before.units + news.units };
  }
  return null;
}
