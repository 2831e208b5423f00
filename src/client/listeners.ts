/** Who listens to what, by the name of the event. */
export interface Listeners<Events extends Record<keyof Events, (...args: never[]) => void>> {
  /** Calls back at every such event until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): () => void;
  /** Calls every listener; one that throws keeps none of the others from hearing. */
  tell<Name extends keyof Events>(name: Name, ...args: Parameters<Events[Name]>): void;
}

export function createListeners<Events extends Record<keyof Events, (...args: never[]) => void>>(): Listeners<Events> {
  const listening = new Map<keyof Events, Set<(...args: never[]) => void>>();
  return {
    on(name, listener) {
      // A function of its own for each call: who listens twice with the same one may stop once.
      const entry: typeof listener = ((...args) => {
        listener(...args);
      }) as typeof listener;
      const entries = listening.get(name) ?? new Set();
      listening.set(name, entries.add(entry));
      return () => {
        entries.delete(entry);
      };
    },
    tell(name, ...args) {
      for (const listener of [...(listening.get(name) ?? [])]) {
        try {
          listener(...(args as never[]));
        } catch (error) {
          // Its own fault, and to be seen; the feed and the other listeners go on.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
  };
}
