import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programEnv } from '../program-env.ts';

const PROGRAM = fileURLToPath(new URL('reconnecting-clients-program.ts', import.meta.url));

/** Tells the program what its clients connect to and look at; one client for each token. */
export interface CrowdOrder {
  url: string;
  tokens: string[];
  eventId: string;
}

/** What the clients of a crowd have reached. */
export interface CrowdStatus {
  /** Clients by the number of their connections so far. */
  connections: Record<number, number>;
  /** Clients that are connected and have asked again for all that they show since they were. */
  upToDate: number;
  /** Clients by the available seats that they show. */
  seats: Record<number, number>;
  /** Refused commands by code; each was sent again. */
  refused: Record<string, number>;
}

/** Many clients with the connection settings of the pages, in a process of their own so that they slow no test down. */
export function startClients(t: { onTestFinished(undo: () => void): void }, order: CrowdOrder) {
  const child = fork(PROGRAM, [], { env: programEnv({}), stdio: 'inherit' });
  t.onTestFinished(() => void child.kill('SIGKILL'));
  child.send(order);
  return {
    async status(): Promise<CrowdStatus> {
      const reply = once(child, 'message');
      child.send('status');
      const [status] = (await reply) as [CrowdStatus];
      return status;
    },
  };
}
