import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '#server/accounts/guessing/network.ts';
import type { RateWindow } from '#server/accounts/rate-window.ts';
import { createRateWindow } from '#server/accounts/rate-window.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';

/** 300 reads per second from one network, averaged over two seconds. */
const READS = { max: 600, windowMs: 2_000 };
/** Generous: a school or an office shares one address and registers at once when a sale opens. */
const REGISTRATIONS = { max: 3_000, windowMs: 3_600_000 };
/** Mails with codes: as many as registrations, because they are one. An address has limits of its own. */
const CODES = REGISTRATIONS;
/** Accounts of visitors who hold seats before they sign in; few of them may be open at a time, besides. */
const PROVISIONALS = { max: 120, windowMs: 3_600_000 };
/** Challenges for passkeys: a page that offers to sign in asks for one every eight minutes. */
const PASSKEYS = { max: 6_000, windowMs: 3_600_000 };
/** Bounds mails to third parties, yet lets a campus behind one address reset its passwords. */
const MAILS = { max: 60, windowMs: 3_600_000 };
/** Pages without scripts book and ask for reminders by these: a school or an office shares one address. */
const BOOKINGS = { max: 600, windowMs: 60_000 };
/** An export reads several collections. */
const EXPORTS = { max: 60, windowMs: 600_000 };
/** A ticket's PDF takes some milliseconds of the event loop. */
const FILES = { max: 120, windowMs: 60_000 };
/** Wrong keys of ticket links: a mail program may cut a link, and an attacker may guess keys. */
const UNKNOWN_KEYS = { max: 60, windowMs: 60_000 };

/** Each is converted by a processor of the sale. */
const IMAGES = { max: 60, windowMs: 600_000 };

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

export interface RateLimits {
  reads: Hook;
  registrations: Hook;
  codes: Hook;
  provisionals: Hook;
  passkeys: Hook;
  bookings: Hook;
  mails: Hook;
  exports: Hook;
  images: Hook;
  files: Hook;
  /** Counted by the route, for a network: only what was wrong counts. */
  unknownKeys: Pick<RateWindow, 'waitMs' | 'count'>;
}

/** Limits per network; wrong passwords have their own (`accounts/guessing/`). RATE_LIMITS=off disables both. */
export function createRateLimits(deps: { config: Pick<Config, 'rateLimits'>; now: Now }): RateLimits {
  const limit = ({ max, windowMs }: { max: number; windowMs: number }) =>
    deps.config.rateLimits ? hookOf(createRateWindow({ max, windowMs, now: deps.now })) : noLimit;
  return {
    reads: limit(READS),
    registrations: limit(REGISTRATIONS),
    codes: limit(CODES),
    provisionals: limit(PROVISIONALS),
    passkeys: limit(PASSKEYS),
    bookings: limit(BOOKINGS),
    mails: limit(MAILS),
    exports: limit(EXPORTS),
    images: limit(IMAGES),
    files: limit(FILES),
    unknownKeys: deps.config.rateLimits
      ? createRateWindow({ max: UNKNOWN_KEYS.max, windowMs: UNKNOWN_KEYS.windowMs, now: deps.now })
      : NO_WINDOW,
  };
}

/** Applies the limit of reads to every GET and HEAD of this scope. */
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

const noLimit: Hook = async () => undefined;
const NO_WINDOW: RateLimits['unknownKeys'] = { waitMs: () => 0, count: () => undefined };
