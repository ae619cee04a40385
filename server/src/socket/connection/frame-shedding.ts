import type { Result } from '#shared/protocol/errors.ts';
import type { LiveServer, LiveSocket, LiveTransport } from '../types.ts';
import type { Connection } from './connection.ts';
import type { PausableSocket } from './rests.ts';
import { createRests } from './rests.ts';
import { joinedTextFrames } from './text-frames.ts';

/**
 * How long a connection is not read after a refusal, and how much longer for each command that was refused with it. A
 * client that waits as long as it was told to does not notice.
 */
const REST_MS = 200;
const REST_EACH_MS = 10;
const LONGEST_REST_MS = 500;
/** The start of a Socket.IO packet to `/booking` that carries a command and asks for an acknowledgement. */
const COMMAND = /^2\/booking,(\d{1,15})\["(\w+)",/;
const EVENT_ID = /"eventId":\s*"([0-9A-Fa-f]{24})"/;

/** The refusal of a command by a full event queue; null if the command takes the whole path. */
type Shed = (connection: Connection, name: string, eventId: string) => Result<never> | null;

/**
 * Refuses commands to full event queues as soon as their frame has arrived: neither is the frame decoded, nor its input
 * checked, nor the answer encoded packet by packet. A connection that was refused is not read for a moment, so that what
 * it sends meanwhile is read, refused and answered at once: system calls are most of what a refusal costs.
 */
export function createFrameShedding(io: LiveServer, shed: Shed, monotonic: () => number) {
  const sockets = new WeakMap<LiveTransport, LiveSocket>();
  /** Packets of the refusals that leave at the end of this turn of the event loop. */
  const refusals = new Map<LiveTransport, string[]>();
  const rests = createRests(monotonic);

  /** Whether the frame was answered here. */
  function refuseFrame(transport: LiveTransport, data: unknown): boolean {
    const command = typeof data === 'string' ? COMMAND.exec(data) : null;
    const socket = command && sockets.get(transport);
    if (!socket?.connected) return false;
    const [, acknowledgement = '', name = ''] = command ?? [];
    const eventId = EVENT_ID.exec(data as string)?.[1]?.toLowerCase();
    const reply = eventId === undefined ? null : shed(socket.data.connection, name, eventId);
    if (!reply) return false;
    refusalsOf(transport).push(`3/booking,${acknowledgement}[${JSON.stringify(reply)}]`);
    return true;
  }

  /** The refusals of this turn, which are sent at its end. From the first on the connection is not read. */
  function refusalsOf(transport: LiveTransport): string[] {
    const known = refusals.get(transport);
    if (known) return known;
    const first: string[] = [];
    refusals.set(transport, first);
    const socket = webSocketOf(transport);
    socket?.pause();
    setImmediate(() => {
      refusals.delete(transport);
      sendTogether(transport, first);
      if (socket) rests.begin(socket, Math.min(LONGEST_REST_MS, REST_MS + first.length * REST_EACH_MS));
    });
    return first;
  }

  io.engine.on('connection', (transport: LiveTransport) => {
    const listeners = transport.listeners('data');
    transport.removeAllListeners('data');
    transport.on('data', (data: unknown) => {
      if (refuseFrame(transport, data)) return;
      for (const listener of listeners) listener.call(transport, data);
    });
  });

  return {
    /** Call for each connection to `/booking`. */
    watch(socket: LiveSocket): void {
      sockets.set(socket.conn, socket);
    },
  };
}

function sendTogether(transport: LiveTransport, packets: readonly string[]): void {
  if (!webSocketOf(transport)) {
    for (const packet of packets) transport.write(packet);
    return;
  }
  const message = packets.map((packet) => `4${packet}`);
  // engine.io sends these bytes as they are, at their place among the other packets; its types do not declare it.
  transport.write('', { wsPreEncodedFrame: joinedTextFrames(message) } as object);
}

/** The WebSocket of a connection, in a field that engine.io does not declare; a test shows that it exists. */
function webSocketOf({ transport }: LiveTransport): PausableSocket | undefined {
  if (transport.name !== 'websocket') return undefined;
  return (transport as unknown as { socket?: PausableSocket }).socket;
}
