import type { Manager, Socket } from 'socket.io-client';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';

type Namespace = '/booking' | '/public';
type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** A command without an answer: no connection, a lost connection or a timeout. Its outcome is unknown. */
interface ConnectionLost extends Omit<Refusal, 'code'> {
  code: 'CONNECTION_LOST';
}

/** Why a command failed: a refusal by the server, or no answer. */
export type Failure = Refusal | ConnectionLost;
/** The end of a command: its data or its failure. */
export type Reply<T> = { ok: true; data: T } | { ok: false; error: Failure };

const ANSWER_TIMEOUT_MS = 12_000;
const PROBE_TIMEOUT_MS = 2_000;
/** How long a command waits for a namespace that is being opened: a press right after the page has come. */
const OPENING_TIMEOUT_MS = 5_000;
/** The delay before the next attempt after the server itself ended or refused the connection; randomised by half. */
const REFUSED_RETRY_DELAY_MS = 2_000;

export interface ConnectionOptions {
  createManager: () => Manager;
  /** Milliseconds since 1970 by this device's clock. */
  now: () => number;
  /** At least 0, below 1. */
  random: () => number;
}

/**
 * The page's only connection to the server: a Socket.IO manager with one namespace at a time. A command always ends in
 * a reply; pushes go to the listeners of their name. The connection reconnects by itself and keeps its listeners.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pushListeners = new Map<string, Set<(payload: never) => void>>();
  readonly #connectedListeners = new Set<() => void>();
  readonly #refusedListeners = new Set<(namespace: Namespace) => void>();
  readonly #whenOpened: (() => void)[] = [];
  #manager: Manager | undefined;
  #socket: Socket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #namespace: Namespace = $state('/public');
  #isConnected = $state(false);
  /** From `open` to the first connection, refusal or failure. */
  #isOpening = false;
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

  /** The namespace that is open or was opened last. */
  get namespace(): Namespace {
    return this.#namespace;
  }

  /** When the server was last heard, in milliseconds by this device's clock; shown data is as of this time. */
  get lastHeardMs(): number | null {
    return this.#lastHeardMs;
  }

  /** Connects to a namespace and leaves the other one. The new handshake carries the present cookies. */
  open(namespace: Namespace): void {
    this.#leave();
    this.#namespace = namespace;
    this.#isOpening = true;
    this.#manager ??= this.#createManager();
    const socket = this.#manager.socket(namespace);
    this.#socket = socket;
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', (reason) => this.#disconnected(reason));
    socket.on('connect_error', (error) => this.#notConnected(error));
    socket.onAny((name: string, payload: unknown) => this.#pushed(name, payload));
    socket.connect();
  }

  /** Disconnects; listeners stay. */
  close(): void {
    this.#leave();
  }

  /**
   * Sends a command, after the namespace is open if it is being opened. Resolves with the server's answer, or with
   * `CONNECTION_LOST` without one. Never rejects.
   */
  async call<N extends CommandName>(
    command: N,
    input: CommandRequest<N>,
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Reply<CommandData<N>>> {
    while (this.#isOpening) await this.#opened();
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

  /** Adds a listener to a push, over all reconnects; returns the function that removes it. */
  on<P extends PushName>(push: P, listener: (payload: Push<P>) => void): () => void {
    const listeners = this.#pushListeners.get(push) ?? new Set();
    this.#pushListeners.set(push, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Adds a listener to every connect, the moment to load shown data again; returns the function that removes it. */
  onConnected(listener: () => void): () => void {
    this.#connectedListeners.add(listener);
    return () => this.#connectedListeners.delete(listener);
  }

  /** Adds a listener to refusals of a namespace for want of a session; returns the function that removes it. */
  onRefused(listener: (namespace: Namespace) => void): () => void {
    this.#refusedListeners.add(listener);
    return () => this.#refusedListeners.delete(listener);
  }

  /** Sets whether the browser reports no network. */
  setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
  }

  /**
   * Reconnects at once unless the server answers within 2 seconds: after a device slept, a dead connection looks live.
   */
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
    this.#endOpening();
  }

  /** Resolves when the namespace that is being opened is connected or not to be had, and after some seconds. */
  #opened(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endOpening(), OPENING_TIMEOUT_MS);
      this.#whenOpened.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #endOpening(): void {
    this.#isOpening = false;
    for (const resolve of this.#whenOpened.splice(0)) resolve();
  }

  #connected(): void {
    this.#isConnected = true;
    this.#wasConnected = true;
    this.#isOffline = false;
    this.#heard();
    this.#endOpening();
    for (const listener of this.#connectedListeners) listener();
  }

  #disconnected(reason: string): void {
    this.#isConnected = false;
    // Socket.IO reconnects by itself, unless the server ended this namespace.
    if (reason === 'io server disconnect') this.#connectLater();
  }

  #notConnected(error: Error): void {
    this.#endOpening();
    if (error.message === 'UNAUTHENTICATED') {
      for (const listener of this.#refusedListeners) listener(this.#namespace);
    } else if (this.#socket?.active === false) {
      this.#connectLater();
    }
  }

  #connectLater(): void {
    const socket = this.#socket;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => socket?.connect(), REFUSED_RETRY_DELAY_MS * (0.5 + this.#options.random()));
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
