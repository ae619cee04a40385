import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { PROTOCOL_VERSION } from '#shared/protocol/pushes.ts';
import type { Config } from '#server/config.ts';
import type { AdmissionDeps } from './admission.ts';
import { createAdmission } from './admission.ts';
import { createAudience } from './audience.ts';
import { createConnectionIndex } from './connection-index.ts';
import { coalesceWrites } from './connection/coalesce.ts';
import { forgetHandshake, releaseAnswer, releaseOpening } from './connection/first-request.ts';
import { encodeReplies } from './connection/encode-replies.ts';
import { createFrameShedding } from './connection/frame-shedding.ts';
import { createAddressOf } from './connection/handshake.ts';
import type { SessionConnectionsDeps } from './connection/session-connections.ts';
import { createSessionConnections } from './connection/session-connections.ts';
import { createFanOut } from './fan-out/fan-out.ts';
import { createOutlet } from './fan-out/outlet.ts';
import { PROCESS_SCHEDULING } from './fan-out/scheduling.ts';
import type { CloseLimit, QueueLimit } from './connection/transports.ts';
import { trackTransports } from './connection/transports.ts';
import type { DispatchDeps } from './dispatch.ts';
import { createDispatch } from './dispatch.ts';
import { createSocketRateLimits } from './rate-limit.ts';
import { ADMIN_ROOM, omitOwnRooms } from './rooms.ts';
import type { LiveServer, LiveSocket } from './types.ts';

/** Limits of transports, and how long the end of the server may take; tests shorten them. */
export interface SocketLimits {
  pingIntervalMs: number;
  pingTimeoutMs: number;
  connectTimeoutMs: number;
  frameBytes: number;
  sweepMs: number;
  queue: QueueLimit;
  drainMs: number;
  /** Its `totalMs` counts from the first step of the end, with the commands in flight. */
  closing: CloseLimit;
}

const SOCKET_LIMITS: SocketLimits = {
  /** With the timeout below, a dead peer is found after at most 27 s. */
  pingIntervalMs: 15_000,
  pingTimeoutMs: 12_000,
  /** A transport that joins no namespace within this time is closed. */
  connectTimeoutMs: 10_000,
  frameBytes: 65_536,
  sweepMs: 1_000,
  queue: { packets: 1_000, bytes: 4_194_304 },
  /** At the end of the server: commands in flight, then transports; with all other parts it ends within ten seconds. */
  drainMs: 5_000,
  closing: { stalledMs: 1_500, totalMs: 7_500 },
};

interface SocketServerDeps
  extends
    Omit<DispatchDeps, 'limits' | 'isRenewed' | 'logsAnswers'>,
    Pick<AdmissionDeps, 'sessions' | 'originAllowed'>,
    Pick<SessionConnectionsDeps, 'readSessions'> {
  config: Pick<Config, 'publicUrl' | 'corsOrigins' | 'trustProxy' | 'rateLimits' | 'payments' | 'logLevel'>;
  socketLimits?: Partial<SocketLimits> | undefined;
  /** Makes the ids of transports; random by default. With several processes, the id names the process. */
  transportId?: (() => string) | undefined;
}

/** Socket.IO on an HTTP server: two namespaces, one dispatcher, and connections that end with their session. */
export function createSocketServer(httpServer: HttpServer, deps: SocketServerDeps) {
  const { config, sessions, originAllowed, commands, readRole, readSessions, observeCommand, incidentId } = deps;
  const { transportId, tracing, now, monotonic, log } = deps;
  const settings = { ...SOCKET_LIMITS, ...deps.socketLimits };
  const limits = createSocketRateLimits({ on: config.rateLimits, monotonic });
  const addressOf = createAddressOf(config.trustProxy);
  const admission = createAdmission({ sessions, originAllowed, addressOf, limits, log });
  const io: LiveServer = new Server(httpServer, engineOptions(config, settings, admission.transportRefusal));
  if (transportId) io.engine.generateId = transportId;
  io.engine.on('connection', admission.shorten).on('connection', releaseOpening);
  coalesceWrites(io);
  encodeReplies(io);
  const transports = trackTransports(io, httpServer, settings.queue);
  const [booking, open] = [io.of('/booking'), io.of('/public')];
  for (const namespace of [booking, open]) omitOwnRooms(namespace);
  const connections = createConnectionIndex();
  const { processorMs, inNextTurn, after } = PROCESS_SCHEDULING;
  const scheduling = { monotonic, processorMs, inNextTurn, after };
  const fanOut = createFanOut([booking.name, open.name], scheduling, log);
  const sessionConnections = createSessionConnections({ booking, connections, readSessions, now, monotonic, log });
  const dispatch = createDispatch({
    commands,
    limits,
    readRole,
    isRenewed: ({ id }) => sessionConnections.reviewOne(id),
    observeCommand,
    tracing,
    logsAnswers: config.logLevel === 'debug' || config.logLevel === 'trace',
    now,
    monotonic,
    incidentId,
    log,
  });

  const noteBrokenProtocol = (error: Error) => log.debug({ err: error }, 'A client broke the protocol');
  const frameShedding = createFrameShedding(dispatch.shed, monotonic);

  function serve(socket: LiveSocket, isOrganiser = false): void {
    const { connection, user } = socket.data;
    const payments = config.payments ?? 'demo';
    socket.emit('welcome', { protocol: PROTOCOL_VERSION, serverTime: now().toISOString(), user, payments });
    forgetHandshake(socket);
    // Without `next`: the dispatcher is the only listener, and a command named "error" must not reach the emitter.
    socket.use((packet) => {
      if (!frameShedding.refuse(socket, packet)) dispatch.receive(connection, packet);
    });
    socket.data.recipient = fanOut.join(socket.nsp.name, createOutlet(socket.conn), isOrganiser);
    socket.on('disconnect', leave);
    socket.on('error', noteBrokenProtocol);
  }

  /** The same function for every client: one of its own would be a part of the memory of an idle one. */
  function leave(this: LiveSocket): void {
    connections.remove(this);
    const { recipient } = this.data;
    if (recipient) fanOut.leave(recipient);
  }

  refuseForeignRequests(io, originAllowed);
  io.of('/').use((_socket, next) => next(new Error('Invalid namespace')));
  open.use(admission.admitVisitor).on('connection', (socket) => serve(socket));
  booking.use(admission.admitUser).on('connection', (socket) => {
    if (sessionConnections.endIfOvertaken(socket)) return;
    connections.add(socket);
    const { caller } = socket.data.connection;
    const isOrganiser = caller.kind === 'user' && caller.role === 'admin';
    if (isOrganiser) void socket.join(ADMIN_ROOM);
    serve(socket, isOrganiser);
  });

  const sweep = setInterval(() => {
    limits.prune();
    void sessionConnections.sweep();
    const stuck = transports.closeStuck();
    if (stuck > 0) log.warn({ stuck }, 'Closed connections whose clients do not read');
  }, settings.sweepMs).unref();

  return {
    audience: createAudience({ booking, connections, fanOut }),
    sessionConnections,
    /** Open transports, connections by namespace, and commands in flight; for metrics. */
    get counts() {
      return {
        transports: transports.size,
        booking: booking.sockets.size,
        public: open.sockets.size,
        inFlight: dispatch.inFlight,
      };
    },
    /**
     * Refuses new clients and commands, answers the commands in flight, and closes every transport after
     * `sessionEnded`, so that clients reconnect to another server. Takes at most `closing.totalMs`.
     */
    async close(): Promise<void> {
      const startedAt = performance.now();
      admission.close();
      await dispatch.drain(settings.drainMs);
      clearInterval(sweep);
      for (const { sockets } of [booking, open]) {
        for (const socket of sockets.values()) socket.emit('sessionEnded', { reason: 'server_closing' });
      }
      const { stalledMs, totalMs } = settings.closing;
      await transports.close({ stalledMs, totalMs: totalMs - (performance.now() - startedAt) });
      fanOut.close();
    },
  };
}

function engineOptions(
  { publicUrl, corsOrigins }: SocketServerDeps['config'],
  settings: SocketLimits,
  transportRefusal: (request: IncomingMessage) => string | null,
) {
  const origins = publicUrl ? [publicUrl, ...corsOrigins] : corsOrigins;
  return {
    path: '/socket.io',
    serveClient: false,
    cookie: false,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: settings.pingIntervalMs,
    pingTimeout: settings.pingTimeoutMs,
    connectTimeout: settings.connectTimeoutMs,
    maxHttpBufferSize: settings.frameBytes,
    ...(origins.length > 0 && { cors: { origin: origins, credentials: true } }),
    allowRequest(request: IncomingMessage, decide: (reason: string | null, allowed: boolean) => void) {
      const reason = transportRefusal(request);
      decide(reason, reason === null);
    },
  };
}

/** Refuses requests of foreign origins: `allowRequest` sees only the first request of a transport, `use` sees all. */
function refuseForeignRequests(io: LiveServer, originAllowed: SocketServerDeps['originAllowed']): void {
  io.engine.use(
    (request: IncomingMessage, response: { writeHead(status: number): void; end(): void }, next: () => void) => {
      if (originAllowed(request.headers)) {
        releaseAnswer(response);
        return next();
      }
      response.writeHead(403);
      response.end();
    },
  );
}
