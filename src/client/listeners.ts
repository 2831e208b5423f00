/** Functions that are called at one event. */
interface ListenerSet<Args extends readonly unknown[] = []> {
  /** Adds a listener until the returned function is called. A function that is added twice is called twice. */
  add(listener: (...args: Args) => void): () => void;
  /** Calls every listener that was present at the beginning of the call. An error of one does not stop the others. */
  notify(...args: Args): void;
  readonly size: number;
}

export function createListenerSet<Args extends readonly unknown[] = []>(): ListenerSet<Args> {
  const entries = new Set<{ readonly listener: (...args: Args) => void }>();
  return {
    add(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    notify(...args) {
      for (const { listener } of [...entries]) {
        try {
          listener(...args);
        } catch (error) {
          // Reported as an uncaught error, where developer tools and error trackers show it.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
    get size() {
      return entries.size;
    },
  };
}

type Listeners<Events> = Record<keyof Events, (...args: never[]) => void>;

/** A {@link ListenerSet} for each name of an event. */
interface ListenerMap<Events extends Listeners<Events>> {
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): () => void;
  notify<Name extends keyof Events>(name: Name, ...args: Parameters<Events[Name]>): void;
}

export function createListenerMap<Events extends Listeners<Events>>(): ListenerMap<Events> {
  const sets = new Map<keyof Events, ListenerSet<never[]>>();
  return {
    on(name, listener) {
      const set = sets.get(name) ?? createListenerSet<never[]>();
      sets.set(name, set);
      const remove = set.add(listener);
      return () => {
        remove();
        if (set.size === 0 && sets.get(name) === set) sets.delete(name);
      };
    },
    notify(name, ...args) {
      sets.get(name)?.notify(...(args as never[]));
    },
  };
}
