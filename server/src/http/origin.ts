import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '#server/config.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';

export type OriginCheck = (headers: { origin?: string | undefined; host?: string | undefined }) => boolean;

/**
 * Who may send what changes something, over HTTP and sockets: PUBLIC_URL and CORS_ORIGINS; while PUBLIC_URL is unset,
 * whoever has the request's own host and port. Without `Origin` it is no browser; `Origin: null` is refused.
 */
export function createOriginCheck(config: Pick<Config, 'publicUrl' | 'corsOrigins'>): OriginCheck {
  const allowed = new Set(config.publicUrl ? [config.publicUrl, ...config.corsOrigins] : config.corsOrigins);
  return ({ origin, host }) => {
    if (origin === undefined) return true;
    const url = URL.parse(origin);
    // Whole origins are compared, never their ends: "https://shop.example.evil.test" is somebody else's.
    if (!url || url.origin !== origin.toLowerCase() || !/^https?:$/.test(url.protocol)) return false;
    if (allowed.has(url.origin)) return true;
    return config.publicUrl === null && host !== undefined && isHostOf(url, host);
  };
}

/** Compared by the origin's scheme, so that an unwritten default port equals a written one. */
function isHostOf(origin: URL, host: string): boolean {
  return URL.parse(`${origin.protocol}//${host}`)?.origin === origin.origin;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const PREFLIGHT_SECONDS = 600;

/** Refuses requests of foreign pages that change something, and lets the pages of CORS_ORIGINS read the answers. */
export function guardOrigins(api: FastifyInstance, config: Pick<Config, 'publicUrl' | 'corsOrigins'>): void {
  const isAllowed = createOriginCheck(config);
  const shared = new Set(config.corsOrigins);
  api.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    reply.header('vary', 'Origin');
    if (origin && shared.has(origin)) {
      reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
      if (request.method === 'OPTIONS') return allowPreflight(reply);
    }
    if (!SAFE_METHODS.has(request.method) && !isAllowed(request.headers)) {
      return answerRefusal(reply, refuse('FORBIDDEN', { message: 'Pages of this origin may not do that.' }).error);
    }
    return undefined;
  });
}

function allowPreflight(reply: FastifyReply) {
  return reply
    .status(204)
    .header('access-control-allow-methods', 'GET, POST, PATCH, DELETE')
    .header('access-control-allow-headers', 'authorization, content-type')
    .header('access-control-max-age', PREFLIGHT_SECONDS)
    .send();
}
