import type { LiveNamespace } from './types.ts';

/** The room of all admins' connections; clients never choose a room. */
export const ADMIN_ROOM = 'admins';

/**
 * Keeps Socket.IO from giving each connection a room of its own, which nothing here sends to: two sets for each client.
 */
export function omitOwnRooms({ adapter }: LiveNamespace): void {
  const addAll = adapter.addAll.bind(adapter);
  adapter.addAll = (id, rooms) => (rooms.size === 1 && rooms.has(id) ? undefined : addAll(id, rooms));
}
