import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '#server/config.ts';
import type { Metrics } from '#server/metrics/metrics.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';
import { bearerOf } from './identity.ts';
import { isForwarded } from './proxy.ts';

export interface MetricsRoute {
  config: Pick<Config, 'metricsToken'>;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
}

/** `GET /metrics` for whoever bears METRICS_TOKEN; while that is unset, for programs on this machine. */
export function mountMetrics(app: FastifyInstance, { config, metrics }: MetricsRoute): void {
  const refusalOf = config.metricsToken === null ? localRefusal : createTokenCheck(config.metricsToken);
  app.get('/metrics', async (request, reply) => {
    const refusal = refusalOf(request);
    if (refusal) return answerRefusal(reply, refusal);
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/** Refuses requests of other machines, and those that a proxy on this machine has forwarded for them. */
function localRefusal({ socket, headers }: FastifyRequest): Refusal | null {
  if (LOOPBACK.test(socket.remoteAddress ?? '') && !isForwarded(headers)) return null;
  return refuse('FORBIDDEN', { message: 'Metrics are for this machine alone while METRICS_TOKEN is not set.' }).error;
}

function createTokenCheck(token: string): (request: FastifyRequest) => Refusal | null {
  const expected = digestOf(token);
  return (request) =>
    timingSafeEqual(digestOf(bearerOf(request) ?? ''), expected) ? null : refuse('UNAUTHENTICATED').error;
}

/** Digests have one length, which `timingSafeEqual` needs. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
