import { Manager, type ManagerOptions } from 'socket.io-client';

/** An attempt that got no answer is given up: a network that swallows what is sent would hold up the next one. */
const OPEN_TIMEOUT_MS = 8_000;

/**
 * What connects, and connects again, to this site's own server. WebSocket first, because it needs no sticky sessions;
 * long-polling where it is refused, and from the next attempt on where it is swallowed without an answer.
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
    // With its jitter under three seconds: so soon after the server is back every screen is right again.
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
