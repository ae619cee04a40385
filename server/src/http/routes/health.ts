import type { FastifyInstance } from 'fastify';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../answer.ts';

/** What the server stands on; each is asked anew. */
export interface HealthChecks {
  /** Whether the database takes writes; never rejects, answers within seconds. */
  databaseAnswers(): Promise<boolean>;
  /** Whether what is committed reaches the screens. */
  feedLive(): boolean;
  closing(): boolean;
}

const RETRY_MS = 1_000;

/** `live`: the process answers. `ready`: it can do its work; else 503 with the parts that are down. */
export function mountHealth(api: FastifyInstance, healthChecks: HealthChecks): void {
  api.get('/health/live', async () => ({ status: 'live' }));
  api.get('/health/ready', async (_request, reply) => {
    const parts = {
      database: await healthChecks.databaseAnswers(),
      changeFeed: healthChecks.feedLive(),
      open: !healthChecks.closing(),
    };
    if (parts.database && parts.changeFeed && parts.open) return { status: 'ready' };
    const message = 'Not ready to serve.';
    return answerRefusal(reply, refuse('UNAVAILABLE', { message, retryAfterMs: RETRY_MS, details: parts }).error);
  });
}
