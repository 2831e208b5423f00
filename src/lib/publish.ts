/**
 * How a feature tells the world, once its transaction has committed: `announce('new_drop', drop)`. Never throws and never
 * waits. Services know only this type; the broadcaster alone implements it and touches Socket.io.
 *
 * @typeParam Events payloads by event name; each feature declares its own beside its schemas.
 */
export type Publish<Events> = (...announcement: PublishedEvent<Events>) => void;

/** One event and its payload. */
export type PublishedEvent<Events> = { [Name in keyof Events]: [event: Name, payload: Events[Name]] }[keyof Events];

/** Announces to each, in their order. */
export function publishToAll<Events>(...ports: readonly Publish<Events>[]): Publish<Events> {
  return (...announcement) => {
    for (const publish of ports) publish(...announcement);
  };
}
