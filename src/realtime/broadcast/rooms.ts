/** The Socket.io rooms, which decide which events a socket receives. */

/** Sockets that receive the events of every drop: those that never subscribed, and those that subscribed to all. */
export const ALL_DROPS = 'drops';

/** Sockets with the token of an account that is an admin now. They receive `stats`, and the events of drafts. */
export const ADMINS = 'admins';

const DROP_PREFIX = 'drop:';

export function roomOfDrop(dropId: string): string {
  return DROP_PREFIX + dropId;
}

export function isRoomOfDrop(room: string): boolean {
  return room.startsWith(DROP_PREFIX);
}

export function roomOfUser(userId: string): string {
  return `user:${userId}`;
}
