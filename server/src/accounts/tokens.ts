import type { FastifyJWTOptions, JWT } from '@fastify/jwt';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';

/** What @fastify/jwt is registered with: nothing about a token is left to the token itself. */
export const ALGORITHM = 'HS256';
const ISSUER = 'frontrow';
const AUDIENCE = 'frontrow';
/** Ours have about 300 characters; longer ones are not worth decoding. */
const MAX_TOKEN_LENGTH = 1_024;

const objectId = z.string().regex(/^[0-9a-f]{24}$/);

// Strict: a token that brings its own key (jku, jwk, x5u, kid) or asks for extensions (crit) is not one of ours.
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

/** Whose session a token names. The session's record, not the token, decides whether it counts. */
export interface TokenSubject {
  userId: string;
  sessionId: string;
}

export type Tokens = ReturnType<typeof createTokens>;

/** The options for registering @fastify/jwt with this secret; no cache, each token is verified each time. */
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
    /** The subject of a genuine, current token; null for everything else. */
    verify: (token: string): TokenSubject | null => {
      if (token === '' || token.length > MAX_TOKEN_LENGTH) return null;
      const read = contents.safeParse(open(jwt, token, now().getTime()));
      return read.success ? { userId: read.data.payload.sub, sessionId: read.data.payload.jti } : null;
    },
  };
}

function open(jwt: JWT, token: string, clockTimestamp: number): unknown {
  try {
    return jwt.verify(token, { clockTimestamp });
  } catch {
    // Forged, foreign, garbled or expired: which of them is nobody's business.
    return null;
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
