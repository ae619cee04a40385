import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromGenerator, ToGenerator } from './generator.ts';

export type Generator = ReturnType<typeof startGenerator>;
type AnswerTo<Kind> = Extract<
  FromGenerator,
  { kind: Kind extends 'open' ? 'opened' : Kind extends 'finish' ? 'finished' : Kind }
>;

/** The load generator in its own process: one answer to each order. */
export function startGenerator(signal: AbortSignal) {
  const file = fileURLToPath(new URL('./generator.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async order<O extends ToGenerator>(order: O): Promise<AnswerTo<O['kind']>> {
      const answered = once(child, 'message', { signal });
      child.send(order);
      const failed = ended.then(() => Promise.reject(new Error('The load generator has ended')));
      const [answer] = await Promise.race([answered, failed]);
      return answer;
    },
    async stop(): Promise<void> {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
