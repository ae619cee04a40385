import type { ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import type { FanOut } from './fan-out/fan-out.ts';
import { ADMIN_ROOM, userOfRoom, userRoom } from './rooms.ts';
import type { LiveNamespace } from './types.ts';

/** The recipients of pushes: the port of `live/audience.ts`, over the rooms of this process. */
export function createAudience(booking: LiveNamespace, fanOut: FanOut) {
  return {
    pushToEveryone: fanOut.push,
    pushSeats: fanOut.pushSeats,
    get frameIntervalMs() {
      return fanOut.frameIntervalMs;
    },
    pushToAdmins<N extends PushName>(name: N, payload: Push<N>): void {
      booking.to(ADMIN_ROOM).emit(name, ...args<N>(payload));
    },
    pushToUser<N extends PushName>(userId: string, name: N, payload: Push<N>): void {
      const room = booking.adapter.rooms.get(userRoom(userId));
      const only = room?.size === 1 ? booking.sockets.get([...room][0] as string) : undefined;
      // Most users have one connection, and `emit` to a room of one costs twice as much as to its socket.
      (only ?? booking.to(userRoom(userId))).emit(name, ...args<N>(payload));
    },
    hasUser: (userId: string) => booking.adapter.rooms.has(userRoom(userId)),
    hasAdmins: () => booking.adapter.rooms.has(ADMIN_ROOM),
    hasUsers: () => booking.sockets.size > 0,
    userIds: () => [...booking.adapter.rooms.keys()].flatMap((room) => userOfRoom(room) ?? []),
  };
}

/** The arguments of a push's event. The compiler cannot see that they are its payload: one table makes both maps. */
function args<N extends PushName>(payload: Push<N>) {
  return [payload] as unknown as Parameters<ServerToClientEvents[N]>;
}
