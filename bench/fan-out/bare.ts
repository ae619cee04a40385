import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BareRequest } from './bare-server.ts';

/** About the text of a frame with one event. */
const FRAME_BYTES = 225;

/** Starts a process with a bare `ws` server, whose clients get frames of the size of ours. */
export async function startBareServer() {
  const file = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const [port] = (await once(child, 'message')) as [number];
  const send = (request: BareRequest) =>
    new Promise<void>((resolve, reject) => child.send(request, (error) => (error ? reject(error) : resolve())));
  return {
    port,
    pid: child.pid ?? 0,
    /** Sends a frame to all clients. */
    sendFrame: () => send({ bytes: FRAME_BYTES }),
    /** Sends a frame with each change of `bench_bare.changes` from now on. */
    async follow(uri: string): Promise<void> {
      const following = once(child, 'message');
      await send({ bytes: FRAME_BYTES, follow: uri });
      await following;
    },
    async stop(): Promise<void> {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
