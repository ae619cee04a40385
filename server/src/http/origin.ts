import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '#server/config.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';

type OriginCheck = (headers: { origin?: string | undefined; host?: string | undefined }) => boolean;

/**
 * Whether a page of this origin may change state, over HTTP and sockets: PUBLIC_URL and CORS_ORIGINS may; while
 * PUBLIC_URL is unset, the request's own host and port. Requests without `Origin` come from no browser page and are
 * allowed; `Origin: null` is refused.
 */
export function createOriginCheck(config: Pick<Config, 'publicUrl' | 'corsOrigins'>): OriginCheck {
  const allowed = new Set(config.publicUrl ? [config.publicUrl, ...config.corsOrigins] : config.corsOrigins);
  return ({ origin, host }) => {
    if (origin === undefined) return true;
    const url = URL.parse(origin);
    // Compares whole origins: "https://shop.example.evil.test" only starts like "https://shop.example".
    if (!url || url.origin !== origin.toLowerCase() || !/^https?:$/.test(url.protocol)) return false;
    if (allowed.has(url.origin)) return true;
    return config.publicUrl === null && host !== undefined && isHostOf(url, host);
  };
}

/** Parses the host with the origin's scheme, so that an implied default port equals an explicit one. */
function isHostOf(origin: URL, host: string): boolean {
  return URL.parse(`${origin.protocol}//${host}`)?.origin === origin.origin;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const PREFLIGHT_SECONDS = 600;

/** Refuses state-changing requests from other origins (CSRF), and lets pages of CORS_ORIGINS read answers. */
export function guardOrigins(api: FastifyInstance, config: Pick<Config, 'publicUrl' | 'corsOrigins'>): void {
  const isAllowed = createOriginCheck(config);
  const corsOrigins = new Set(config.corsOrigins);
  api.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    reply.header('vary', 'Origin');
    if (origin && corsOrigins.has(origin)) {
      reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
      if (request.method === 'OPTIONS') return allowPreflight(reply);
    }
    if (!SAFE_METHODS.has(request.method) && !isAllowed(request.headers)) {
      return answerRefusal(
        reply,
        refuse('FORBIDDEN', { message: 'Pages of this origin may not change anything here.' }).error,
      );
    }
    return undefined;
  });
}

function allowPreflight(reply: FastifyReply) {
  return reply
    .status(204)
    .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
    .header('access-control-allow-headers', 'authorization, content-type')
    .header('access-control-max-age', PREFLIGHT_SECONDS)
    .send();
}
