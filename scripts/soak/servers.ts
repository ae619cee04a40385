import { setTimeout as sleep } from 'node:timers/promises';
import type { MeasuredServer } from '../../bench/testbed/measured-server.ts';
import { startMeasuredServer } from '../../bench/testbed/measured-server.ts';

/** How long a killed server stays away. */
const AWAY_MS = 2_000;

interface ServersOptions {
  mongoUri: string;
  /** Signs the session tokens. */
  secret: string;
  cleanup: AsyncDisposableStack;
}

/** Two servers on one database: one that lives to the end, and one that is killed and started again at its port. */
export async function startServers({ mongoUri, secret, cleanup }: ServersOptions) {
  const steady = await startMeasuredServer({ mongoUri, secret, profile: null });
  cleanup.defer(() => steady.stop());
  // Payment pages are those of the steady server: a buyer's form would fail at a killed one, and no buyer would retry it.
  const settings = { PUBLIC_URL: steady.url };
  let mortal: MeasuredServer = await startMeasuredServer({ mongoUri, secret, profile: null, settings });
  cleanup.defer(() => mortal.stop());
  const { url: mortalUrl, port } = mortal;

  return {
    steady,
    mortalUrl,
    /** Kills the mortal server with SIGKILL and starts it again. Resolves when it serves. */
    async killAndStart(): Promise<void> {
      process.kill(mortal.pid, 'SIGKILL');
      await mortal.stop();
      await sleep(AWAY_MS);
      mortal = await startMeasuredServer({
        mongoUri,
        secret,
        profile: null,
        settings: { ...settings, PORT: String(port) },
      });
    },
  };
}

export type SoakServers = Awaited<ReturnType<typeof startServers>>;
