/**
 * Publishes an event after the commit: `publish('new_drop', drop)`. Never throws and never waits. Services depend on this port;
 * only the broadcaster, which implements it, uses Socket.io.
 *
 * @typeParam Events payloads by event name; each feature declares its own beside its schemas.
 */
export type Publish<Events> = (...event: PublishedEvent<Events>) => void;

export type PublishedEvent<Events> = { [Name in keyof Events]: [event: Name, payload: Events[Name]] }[keyof Events];

/** Returns a port that publishes to each of the ports, in order. */
export function publishToAll<Events>(...ports: readonly Publish<Events>[]): Publish<Events> {
  return (...event) => {
    for (const publish of ports) publish(...event);
  };
}
