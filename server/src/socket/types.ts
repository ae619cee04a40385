import type { DefaultEventsMap, Namespace, Server, Socket } from 'socket.io';
import type { User } from '#shared/account.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Connection } from './connection/connection.ts';
import type { PushRecipient } from './fan-out/recipients.ts';

/** The data of each socket: its connection, the user whom `welcome` names, and the socket as a recipient of pushes. */
interface SocketData {
  connection: Connection;
  user: User | null;
  /** Null until it is admitted. */
  recipient: PushRecipient | null;
}

export type LiveServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type LiveNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
/** The engine.io connection below a client's sockets: WebSocket or long-polling, shared by both namespaces. */
export type LiveTransport = LiveSocket['conn'];
