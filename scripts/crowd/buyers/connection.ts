import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { ErrorCode, Result } from '#shared/protocol/errors.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Board } from './board.ts';
import type { Tally } from '../report/tally.ts';

export type BuyerSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** The contract's ten seconds, and a little for the way. */
const ANSWER_WITHIN_MS = 12_000;
const RECONNECT_MOST_MS = 2_000;
const MOST_ATTEMPTS = 8;
const MOST_PAUSE_MS = 5_000;

/** These pass: the same command with the same requestId settles it. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['BUSY', 'UNAVAILABLE', 'RATE_LIMITED']);

/** A socket on `/booking` that counts its pushes and keeps the board. Rejects if the server does not let it in. */
export async function connectBuyer(url: string, token: string, board: Board, tally: Tally): Promise<BuyerSocket> {
  const socket: BuyerSocket = io(`${url}/booking`, {
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    autoConnect: false,
    reconnectionDelayMax: RECONNECT_MOST_MS,
  });
  socket.onAny((name) => tally.pushed(name));
  socket.on('availabilityChanged', ({ changes }) => changes.forEach(board.see));
  socket.on('eventChanged', board.edited);
  socket.on('disconnect', (reason) => void (reason === 'io client disconnect' || tally.lostConnection()));
  socket.connect();
  await letIn(socket);
  return socket;
}

function letIn(socket: BuyerSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    // While `active` the client tries again by itself: the server is not reachable just now.
    const refused = (error: Error) => void (socket.active || reject(error));
    socket.on('connect_error', refused);
    socket.once('connect', () => {
      socket.off('connect_error', refused);
      resolve();
    });
  });
}

export interface Asking {
  tally: Pick<Tally, 'refused' | 'retried' | 'unanswered'>;
  wait: (ms: number) => Promise<void>;
  /** Ends the waiting for a lost connection; a command on its way is waited for. */
  signal: AbortSignal;
}

/**
 * Sends a command until its outcome is known: over lost connections and passing refusals with the very same input, and
 * so with the same requestId. Null where it had to be given up.
 */
export async function ask<N extends CommandName>(
  socket: BuyerSocket,
  name: N,
  input: CommandRequest<N>,
  asking: Asking,
): Promise<Result<CommandData<N>> | null> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    if (attempt > 1 && asking.signal.aborted) break;
    if (!(await connected(socket, asking.signal))) break;
    if (attempt > 1) asking.tally.retried();
    const reply = await send(socket, name, input);
    if (reply && !reply.ok) asking.tally.refused(reply.error.code);
    if (reply && (reply.ok || !PASSING.has(reply.error.code))) return reply;
    if (reply && !reply.ok) await asking.wait(Math.min(MOST_PAUSE_MS, reply.error.retryAfterMs ?? 0));
  }
  asking.tally.unanswered();
  return null;
}

/** The answer, or null where the connection was lost or the time was over. */
async function send<N extends CommandName>(
  socket: BuyerSocket,
  name: N,
  input: CommandRequest<N>,
): Promise<Result<CommandData<N>> | null> {
  // The typed `emitWithAck` cannot follow a generic name; the event maps are made from the same command table.
  const sender = socket.timeout(ANSWER_WITHIN_MS) as unknown as {
    emitWithAck(name: string, input: unknown): Promise<Result<CommandData<N>>>;
  };
  return sender.emitWithAck(name, input).catch(() => null);
}

/** Waits until there is a connection; false where there will be none, or where the crowd goes home first. */
function connected(socket: BuyerSocket, signal: AbortSignal): Promise<boolean> {
  if (socket.connected) return Promise.resolve(true);
  if (signal.aborted || !socket.active) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = () => {
      if (!socket.connected && socket.active && !signal.aborted) return;
      socket.off('connect', settle);
      socket.off('connect_error', settle);
      signal.removeEventListener('abort', settle);
      resolve(socket.connected);
    };
    socket.on('connect', settle);
    socket.on('connect_error', settle);
    signal.addEventListener('abort', settle);
  });
}
