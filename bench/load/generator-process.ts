import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GeneratorReply, GeneratorRequest } from './generator.ts';

type ReplyTo<Kind> = Extract<
  GeneratorReply,
  { kind: Kind extends 'open' | 'openFlood' ? 'opened' : Kind extends 'finish' ? 'finished' : Kind }
>;

/** Starts the load generator in its own process. A request rejects if the process ends or the signal comes first. */
export function startLoadGenerator(signal: AbortSignal) {
  const file = fileURLToPath(new URL('./generator.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    /** Resolves to the reply; one request at a time. */
    async request<R extends GeneratorRequest>(request: R): Promise<ReplyTo<R['kind']>> {
      const replied = once(child, 'message', { signal });
      child.send(request);
      const failed = ended.then(() => Promise.reject(new Error('The load generator has ended')));
      const [reply] = await Promise.race([replied, failed]);
      return reply;
    },
    async stop(): Promise<void> {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
