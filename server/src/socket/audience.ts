import type { ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import { ADMIN_ROOM, userOfRoom, userRoom } from './rooms.ts';
import type { LiveNamespace } from './types.ts';

/** Whom a push can go to. Each is encoded once for all who get it. */
export function createAudience(booking: LiveNamespace, everybody: readonly LiveNamespace[]) {
  return {
    pushToEveryone<N extends PushName>(name: N, payload: Push<N>): void {
      for (const namespace of everybody) if (namespace.sockets.size > 0) namespace.emit(name, ...args<N>(payload));
    },
    pushToAdmins<N extends PushName>(name: N, payload: Push<N>): void {
      booking.to(ADMIN_ROOM).emit(name, ...args<N>(payload));
    },
    pushToUser<N extends PushName>(userId: string, name: N, payload: Push<N>): void {
      const room = booking.adapter.rooms.get(userRoom(userId));
      const only = room?.size === 1 ? booking.sockets.get([...room][0] as string) : undefined;
      // Almost everybody has one connection: a broadcast of one costs twice as much as telling it.
      (only ?? booking.to(userRoom(userId))).emit(name, ...args<N>(payload));
    },
    /** Whether this person is connected here: nobody builds a push for an empty room. */
    hasUser: (userId: string) => booking.adapter.rooms.has(userRoom(userId)),
    hasAdmins: () => booking.adapter.rooms.has(ADMIN_ROOM),
    userIds: () => [...booking.adapter.rooms.keys()].flatMap((room) => userOfRoom(room) ?? []),
    hasUsers: () => booking.sockets.size > 0,
  };
}

/** The compiler cannot see that the parameters of one push's event are its payload; the two maps are made of one table. */
function args<N extends PushName>(payload: Push<N>) {
  return [payload] as unknown as Parameters<ServerToClientEvents[N]>;
}
