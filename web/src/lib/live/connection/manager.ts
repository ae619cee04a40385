import { Manager, type ManagerOptions } from 'socket.io-client';

/** How long one attempt to connect may take: in a network that drops WebSocket frames it would never end. */
const OPEN_TIMEOUT_MS = 8_000;

/**
 * Creates the Socket.IO manager that connects, and reconnects, to this site's own server. WebSocket comes first,
 * because it needs no sticky sessions. Long-polling follows at once if WebSocket is refused, and with the next attempt
 * if WebSocket gets no answer.
 */
export function createManager(options: Partial<ManagerOptions> = {}, uri?: string): Manager {
  const manager = new Manager(uri, {
    path: '/socket.io',
    autoConnect: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    withCredentials: true,
    timeout: OPEN_TIMEOUT_MS,
    reconnectionDelay: 300,
    // Under three seconds with jitter: so soon after the server is back every page is up to date.
    reconnectionDelayMax: 1_800,
    randomizationFactor: 0.5,
    ...options,
  });
  manager.on('error', ({ message }) => {
    const { transports } = manager.opts;
    if (message === 'timeout' && transports) manager.opts.transports = transports.toReversed() as typeof transports;
  });
  return manager;
}
