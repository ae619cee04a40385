/** The room of all organisers' connections. */
export const ADMINS = 'admins';

/** The room of one person's connections. Rooms are named here and nowhere else; clients never choose one. */
export function userRoom(userId: string): string {
  return `user:${userId}`;
}

/** The room of the connections that one session carries. */
export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}
