import type { FastifyInstance } from 'fastify';
import type { Build } from '#shared/text/build.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../answer.ts';

/** The state of the server's parts, read at each request. */
export interface HealthChecks {
  /** Whether the database accepts writes; resolves within seconds and never rejects. */
  databaseAnswers(): Promise<boolean>;
  /** Whether the change feed runs, so that commits reach the clients. */
  feedLive(): boolean;
  closing(): boolean;
  build: Build;
}

const RETRY_MS = 1_000;

/** `live`: the process answers. `ready`: 200 with its version if all its parts work, else 503 with the state of each. */
export function mountHealth(api: FastifyInstance, healthChecks: HealthChecks): void {
  api.get('/health/live', async () => ({ status: 'live' }));
  api.get('/health/ready', async (_request, reply) => {
    const parts = {
      database: await healthChecks.databaseAnswers(),
      changeFeed: healthChecks.feedLive(),
      open: !healthChecks.closing(),
    };
    if (parts.database && parts.changeFeed && parts.open) return { status: 'ready', ...healthChecks.build };
    const message = 'The server is not ready.';
    return answerRefusal(reply, refuse('UNAVAILABLE', { message, retryAfterMs: RETRY_MS, details: parts }).error);
  });
}
