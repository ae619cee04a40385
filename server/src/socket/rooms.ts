/** The room of all admins' connections. Rooms are named in this file only; clients never choose one. */
export const ADMIN_ROOM = 'admins';

const USER = 'user:';

/** The room of one user's connections. */
export function userRoom(userId: string): string {
  return `${USER}${userId}`;
}

/** The id of the user whose room this is; `null` for a room of another kind. */
export function userOfRoom(room: string): string | null {
  return room.startsWith(USER) ? room.slice(USER.length) : null;
}

/** The room of one session's connections. */
export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
