import type { ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { FanOut } from './fan-out/fan-out.ts';
import { createOutlet } from './fan-out/outlet.ts';
import { encodePush, pushBody } from './fan-out/packet.ts';
import { ADMIN_ROOM } from './rooms.ts';
import type { LiveNamespace, LiveSocket } from './types.ts';

interface AudienceDeps {
  booking: LiveNamespace;
  connections: ConnectionIndex;
  fanOut: FanOut;
}

/** The recipients of pushes: the port of `live/audience.ts`, over the connections of this process. */
export function createAudience({ booking, connections, fanOut }: AudienceDeps) {
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
      const [first, ...others] = connections.ofUser(userId);
      if (others.length === 0) first?.emit(name, ...args<N>(payload));
      else {
        const packet = encodePush(booking.name, pushBody(name, payload));
        for (const { conn } of [first, ...others] as LiveSocket[]) createOutlet(conn).push([packet]);
      }
    },
    hasUser: connections.hasUser,
    hasAdmins: () => booking.adapter.rooms.has(ADMIN_ROOM),
    hasUsers: () => booking.sockets.size > 0,
    userIds: connections.userIds,
  };
}

/** The arguments of a push's event. The compiler cannot see that they are its payload: one table makes both maps. */
function args<N extends PushName>(payload: Push<N>) {
  return [payload] as unknown as Parameters<ServerToClientEvents[N]>;
}
