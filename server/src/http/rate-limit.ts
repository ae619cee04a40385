import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '#server/accounts/guess-limits.ts';
import type { RateWindow } from '#server/accounts/rate-window.ts';
import { createRateWindow } from '#server/accounts/rate-window.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';

/** 300 reads a second from one address, in bursts of two seconds' worth. */
const READS = { max: 600, windowMs: 2_000 };
/** A school or an office behind one address registers at once when a sale opens. */
const REGISTRATIONS = { max: 3_000, windowMs: 3_600_000 };
/** Each may send a mail to a stranger; a campus forgets this many passwords. */
const MAILS = { max: 60, windowMs: 3_600_000 };
/** Everything about somebody is a lot to read. */
const EXPORTS = { max: 60, windowMs: 600_000 };

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

export interface RateLimits {
  reads: Hook;
  registrations: Hook;
  mails: Hook;
  exports: Hook;
}

/** Limits by address; wrong passwords have their own, see `guess-limits.ts`. Off with RATE_LIMITS=off. */
export function createRateLimits(deps: { config: Pick<Config, 'rateLimits'>; now: Now }): RateLimits {
  const limit = ({ max, windowMs }: { max: number; windowMs: number }) =>
    deps.config.rateLimits ? hookOf(createRateWindow({ max, windowMs, now: deps.now })) : pass;
  return {
    reads: limit(READS),
    registrations: limit(REGISTRATIONS),
    mails: limit(MAILS),
    exports: limit(EXPORTS),
  };
}

/** Applies the limit of reads to every GET of this scope. */
export function limitReads(api: FastifyInstance, limits: RateLimits): void {
  api.addHook('onRequest', async (request, reply) =>
    request.method === 'GET' || request.method === 'HEAD' ? limits.reads(request, reply) : undefined,
  );
}

function hookOf(window: RateWindow): Hook {
  return async (request, reply) => {
    const network = networkOf(request.ip);
    const retryAfterMs = window.waitMs(network);
    if (retryAfterMs > 0) return answerRefusal(reply, refuse('RATE_LIMITED', { retryAfterMs }).error);
    window.count(network);
    return undefined;
  };
}

const pass: Hook = async () => undefined;
