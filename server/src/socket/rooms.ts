/** The room of all organisers' connections. */
export const ADMIN_ROOM = 'admins';

const USER = 'user:';

/** The room of one person's connections. Rooms are named here and nowhere else; clients never choose one. */
export function userRoom(userId: string): string {
  return `${USER}${userId}`;
}

/** Whose room this is, if it is one person's. */
export function userOfRoom(room: string): string | null {
  return room.startsWith(USER) ? room.slice(USER.length) : null;
}

/** The room of the connections that one session carries. */
export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
