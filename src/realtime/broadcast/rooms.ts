/** Who hears what: each socket is in some of these rooms. */

/** Hears of every drop: sockets that never subscribed, and those that subscribed to all. */
export const EVERY_DROP = 'drops';

/** Hears how the service does: who came with the token of an admin. */
export const ADMINS = 'admins';

const DROP = 'drop:';

/** Hears of one drop. */
export function roomOfDrop(dropId: string): string {
  return DROP + dropId;
}

/** Whether a room is that of a drop. */
export function isRoomOfDrop(room: string): boolean {
  return room.startsWith(DROP);
}

/** Hears what is for one user alone. */
export function roomOfUser(userId: string): string {
  return `user:${userId}`;
}
