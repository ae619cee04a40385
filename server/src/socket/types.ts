import type { DefaultEventsMap, Namespace, Server, Socket } from 'socket.io';
import type { User } from '#shared/account.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Connection } from './connection/connection.ts';

/** What each socket carries: what the server knows of it, and whom it greets. */
export interface SocketData {
  connection: Connection;
  user: User | null;
}

export type LiveServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type LiveNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
