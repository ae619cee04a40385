import type { Manager, Socket } from 'socket.io-client';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';

export type Namespace = '/booking' | '/public';
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** A command without an answer: not connected, cut off in between, or no answer in time. What became of it is unknown. */
export interface ConnectionLost extends Omit<Refusal, 'code'> {
  code: 'CONNECTION_LOST';
}

export type Failure = Refusal | ConnectionLost;
export type Reply<T> = { ok: true; data: T } | { ok: false; error: Failure };

const ANSWER_TIMEOUT_MS = 12_000;
const PROBE_TIMEOUT_MS = 2_000;
/** Before trying again where the server itself ended or refused a connection. */
const REFUSED_PAUSE_MS = 2_000;

export interface ConnectionOptions {
  createManager: () => Manager;
  now: () => number;
  random: () => number;
}

/**
 * The one connection to the server: a Socket.IO manager with one namespace at a time, commands with an outcome in any
 * case, pushes by name. It comes back by itself; listeners survive that.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pushListeners = new Map<string, Set<(payload: never) => void>>();
  readonly #connectedListeners = new Set<() => void>();
  readonly #refusedListeners = new Set<(namespace: Namespace) => void>();
  #manager: Manager | undefined;
  #socket: Socket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #namespace: Namespace = $state('/public');
  #isConnected = $state(false);
  #wasConnected = $state(false);
  #isOffline = $state(false);
  #lastHeardMs: number | null = $state(null);

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    if (this.#isConnected) return 'live';
    if (this.#isOffline) return 'offline';
    return this.#wasConnected ? 'reconnecting' : 'connecting';
  }

  get namespace(): Namespace {
    return this.#namespace;
  }

  /** When the server was last heard, by this machine's clock; what is shown is as of then. */
  get lastHeardMs(): number | null {
    return this.#lastHeardMs;
  }

  /** Connects to a namespace, leaving the other one; the handshake is made anew, with the cookies of now. */
  open(namespace: Namespace): void {
    this.#leave();
    this.#namespace = namespace;
    this.#manager ??= this.#createManager();
    const socket = this.#manager.socket(namespace);
    this.#socket = socket;
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', (reason) => this.#disconnected(reason));
    socket.on('connect_error', (error) => this.#notConnected(error));
    socket.onAny((name: string, payload: unknown) => this.#pushed(name, payload));
    socket.connect();
  }

  close(): void {
    this.#leave();
  }

  /** Sends a command; resolves with the server's answer, or `CONNECTION_LOST` where there is none. Never rejects. */
  async call<N extends CommandName>(
    command: N,
    input: CommandRequest<N>,
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Reply<CommandData<N>>> {
    const socket = this.#socket;
    if (socket === undefined || !socket.connected) return connectionLost('Not connected.');
    try {
      const reply = (await socket.timeout(timeoutMs).emitWithAck(command, input)) as Result<CommandData<N>>;
      this.#heard();
      return reply;
    } catch (cause) {
      return connectionLost(cause instanceof Error ? cause.message : 'No answer.');
    }
  }

  /** Listens to a push on whatever connection there is; returns how to stop. */
  on<P extends PushName>(push: P, listener: (payload: Push<P>) => void): () => void {
    const listeners = this.#pushListeners.get(push) ?? new Set();
    this.#pushListeners.set(push, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Calls after every connect: the moment to ask again for what is shown. */
  onConnected(listener: () => void): () => void {
    this.#connectedListeners.add(listener);
    return () => this.#connectedListeners.delete(listener);
  }

  /** Calls when the server refuses a namespace for want of a session. */
  onRefused(listener: (namespace: Namespace) => void): () => void {
    this.#refusedListeners.add(listener);
    return () => this.#refusedListeners.delete(listener);
  }

  /** Told by the browser whether there is a network at all. */
  setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
  }

  /** Makes sure the connection is alive, because one that died in a pocket still looks live; else connects at once. */
  async probe(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.connected) {
      const reply = await this.call('clock', {}, PROBE_TIMEOUT_MS);
      if (reply.ok || socket !== this.#socket) return;
    }
    this.#reconnectNow(socket);
  }

  #reconnectNow(socket: Socket): void {
    clearTimeout(this.#retry);
    socket.disconnect();
    socket.connect();
  }

  #createManager(): Manager {
    const manager = this.#options.createManager();
    manager.on('ping', () => this.#heard());
    return manager;
  }

  #leave(): void {
    clearTimeout(this.#retry);
    this.#socket?.removeAllListeners();
    this.#socket?.offAny();
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#isConnected = false;
  }

  #connected(): void {
    this.#isConnected = true;
    this.#wasConnected = true;
    this.#isOffline = false;
    this.#heard();
    for (const listener of this.#connectedListeners) listener();
  }

  #disconnected(reason: string): void {
    this.#isConnected = false;
    // The library comes back by itself, except where the server ended this namespace.
    if (reason === 'io server disconnect') this.#connectLater();
  }

  #notConnected(error: Error): void {
    if (error.message === 'UNAUTHENTICATED') {
      for (const listener of this.#refusedListeners) listener(this.#namespace);
    } else if (this.#socket?.active === false) {
      this.#connectLater();
    }
  }

  #connectLater(): void {
    const socket = this.#socket;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => socket?.connect(), REFUSED_PAUSE_MS * (0.5 + this.#options.random()));
  }

  #pushed(name: string, payload: unknown): void {
    this.#heard();
    for (const listener of this.#pushListeners.get(name) ?? []) listener(payload as never);
  }

  #heard(): void {
    this.#lastHeardMs = this.#options.now();
  }
}

function connectionLost(message: string): { ok: false; error: ConnectionLost } {
  return { ok: false, error: { code: 'CONNECTION_LOST', message } };
}
