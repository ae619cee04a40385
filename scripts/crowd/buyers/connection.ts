import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Tally } from '../report/tally.ts';
import type { LiveEvents } from './live-events.ts';
import { isTemporary } from './temporary-refusal.ts';

export type BuyerSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** The contract's ten seconds for a reply, and two for the network. */
const REPLY_WITHIN_MS = 12_000;
const LONGEST_RECONNECT_DELAY_MS = 2_000;
const MAX_ATTEMPTS = 8;
const LONGEST_RETRY_DELAY_MS = 5_000;

/** Connects a socket to `/booking` that counts its pushes and updates the live events. Rejects if it is refused. */
export async function connectBuyer(url: string, token: string, events: LiveEvents, tally: Tally): Promise<BuyerSocket> {
  const socket: BuyerSocket = io(`${url}/booking`, {
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    autoConnect: false,
    reconnectionDelayMax: LONGEST_RECONNECT_DELAY_MS,
  });
  socket.onAny((name) => tally.pushed(name));
  socket.on('availabilityChanged', ({ changes }) => changes.forEach(events.applyAvailability));
  socket.on('eventChanged', events.applyEdit);
  socket.on('disconnect', (reason) => void (reason === 'io client disconnect' || tally.lostConnection()));
  socket.connect();
  await firstConnection(socket);
  return socket;
}

function firstConnection(socket: BuyerSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    // An `active` socket reconnects without a call of ours: the error means only that the server is unreachable now.
    const failed = (error: Error) => void (socket.active || reject(error));
    socket.on('connect_error', failed);
    socket.once('connect', () => {
      socket.off('connect_error', failed);
      resolve();
    });
  });
}

export interface RetryDeps {
  tally: Pick<Tally, 'refused' | 'retried' | 'unanswered'>;
  sleep: (ms: number) => Promise<void>;
  /** Stops further attempts; an in-flight command is still awaited. */
  signal: AbortSignal;
}

/**
 * Sends a command until its outcome is known. After a lost connection or a temporary refusal it sends the same input
 * again, and so the same requestId. Null if all attempts failed or the signal came first.
 */
export async function sendWithRetries<N extends CommandName>(
  socket: BuyerSocket,
  name: N,
  input: CommandRequest<N>,
  { tally, sleep, signal }: RetryDeps,
): Promise<Result<CommandData<N>> | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 1 && signal.aborted) break;
    if (!(await reconnected(socket, signal))) break;
    if (attempt > 1) tally.retried();
    const reply = await send(socket, name, input);
    if (reply && !reply.ok) tally.refused(reply.error.code);
    if (reply && (reply.ok || !isTemporary(reply.error.code))) return reply;
    if (reply && !reply.ok) await sleep(Math.min(LONGEST_RETRY_DELAY_MS, reply.error.retryAfterMs ?? 0));
  }
  tally.unanswered();
  return null;
}

/** The reply, or null if the connection was lost or the reply did not come in time. */
async function send<N extends CommandName>(
  socket: BuyerSocket,
  name: N,
  input: CommandRequest<N>,
): Promise<Result<CommandData<N>> | null> {
  // The typed `emitWithAck` cannot follow a generic name; the event maps are made from the same command table.
  const sender = socket.timeout(REPLY_WITHIN_MS) as unknown as {
    emitWithAck(name: string, input: unknown): Promise<Result<CommandData<N>>>;
  };
  return sender.emitWithAck(name, input).catch(() => null);
}

/** Resolves to true once the socket is connected, and to false if the client has given up or the signal comes first. */
function reconnected(socket: BuyerSocket, signal: AbortSignal): Promise<boolean> {
  if (socket.connected) return Promise.resolve(true);
  if (signal.aborted || !socket.active) return Promise.resolve(false);
  return new Promise((resolve) => {
    const check = () => {
      if (!socket.connected && socket.active && !signal.aborted) return;
      socket.off('connect', check);
      socket.off('connect_error', check);
      signal.removeEventListener('abort', check);
      resolve(socket.connected);
    };
    socket.on('connect', check);
    socket.on('connect_error', check);
    signal.addEventListener('abort', check);
  });
}
