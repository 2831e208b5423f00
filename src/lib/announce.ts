/**
 * How a feature tells the world, once its transaction has committed: `announce('new_drop', drop)`. Never throws and never
 * waits. Services know only this type; the broadcaster alone implements it and touches Socket.io.
 *
 * @typeParam Events payloads by event name; each feature declares its own beside its schemas.
 */
export type Announce<Events> = (...announcement: Announcement<Events>) => void;

/** One event and its payload. */
export type Announcement<Events> = { [Name in keyof Events]: [event: Name, payload: Events[Name]] }[keyof Events];

/** Announces to each, in their order. */
export function announceToAll<Events>(...ports: readonly Announce<Events>[]): Announce<Events> {
  return (...announcement) => {
    for (const announce of ports) announce(...announcement);
  };
}
