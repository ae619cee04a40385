import type { FastifyJWTOptions, JWT } from '@fastify/jwt';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';

/** The only accepted algorithm: a token must not choose its own. */
const ALGORITHM = 'HS256';
const ISSUER = 'frontrow';
const AUDIENCE = 'frontrow';
/** In characters. Our tokens have about 300; longer ones are refused undecoded. */
const MAX_TOKEN_LENGTH = 1_024;

const objectId = z.string().regex(/^[0-9a-f]{24}$/);

// Strict: refuses headers that name a key (jku, jwk, x5u, kid) or demand extensions (crit).
const contents = z.object({
  header: z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal('JWT') }),
  payload: z.strictObject({
    iss: z.literal(ISSUER),
    aud: z.literal(AUDIENCE),
    sub: objectId,
    jti: objectId,
    iat: z.int(),
    exp: z.int(),
    nbf: z.int().optional(),
  }),
});

/** The session that a token names. Its document, not the token, decides whether it is valid. */
interface TokenSubject {
  userId: string;
  sessionId: string;
}

export type Tokens = ReturnType<typeof createTokens>;

/** The options of @fastify/jwt for this secret. Without a cache: each token is verified each time. */
export function jwtOptions(secret: string): FastifyJWTOptions {
  return {
    secret,
    sign: { algorithm: ALGORITHM, iss: ISSUER, aud: AUDIENCE },
    verify: {
      algorithms: [ALGORITHM],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      requiredClaims: ['iss', 'aud', 'sub', 'jti', 'iat', 'exp'],
      complete: true,
    },
  };
}

/** Signs and verifies session tokens, for HTTP and sockets alike. */
export function createTokens(jwt: JWT, now: Now) {
  return {
    sign: ({ userId, sessionId }: TokenSubject, expiresAt: Date): string =>
      jwt.sign({ sub: userId, jti: sessionId, iat: seconds(now()), exp: seconds(expiresAt) }),
    /** The subject of a genuine, unexpired token; null for everything else. */
    verify: (token: string): TokenSubject | null => {
      if (token === '' || token.length > MAX_TOKEN_LENGTH) return null;
      const read = contents.safeParse(decode(jwt, token, now().getTime()));
      return read.success ? { userId: read.data.payload.sub, sessionId: read.data.payload.jti } : null;
    },
  };
}

function decode(jwt: JWT, token: string, clockTimestamp: number): unknown {
  try {
    return jwt.verify(token, { clockTimestamp });
  } catch {
    // Forged, foreign, malformed or expired: all are refused alike.
    return null;
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
