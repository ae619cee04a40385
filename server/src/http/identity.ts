import type { FastifyReply, FastifyRequest } from 'fastify';
import { provisionalRefusal } from '#server/accounts/provisional/provisional-refusal.ts';
import type { Identity, Sessions } from '#server/accounts/sessions.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';
import { SESSION_COOKIE } from './cookies.ts';

/** Reads the identity behind a request from the database; null without a valid session. */
export type Identify = (request: FastifyRequest) => Promise<Identity | null>;

export function createIdentify(sessions: Sessions): Identify {
  return async (request) => {
    const token = tokenOf(request);
    return token === null ? null : sessions.verify(token);
  };
}

/** Prefers the bearer token: a client sends it on purpose, while browsers add the cookie to every request. */
function tokenOf(request: FastifyRequest): string | null {
  return bearerOf(request) ?? request.cookies[SESSION_COOKIE] ?? null;
}

/** The token of the header `Authorization: Bearer`. */
export function bearerOf({ headers }: FastifyRequest): string | null {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Wraps the handler of a route for users; answers others UNAUTHENTICATED, and provisional accounts FORBIDDEN. */
export function requireSession(
  identify: Identify,
  handle: (identity: Identity, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
) {
  return requireAnySession(identify, async (identity, request, reply) =>
    identity.user.provisional ? answerRefusal(reply, provisionalRefusal()) : handle(identity, request, reply),
  );
}

/** Wraps the handler of a route that needs a session, of whichever account; without one answers UNAUTHENTICATED. */
export function requireAnySession(
  identify: Identify,
  handle: (identity: Identity, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const identity = await identify(request);
    return identity ? handle(identity, request, reply) : answerRefusal(reply, refuse('UNAUTHENTICATED').error);
  };
}

/** Wraps the handler of a route for organisers; answers others UNAUTHENTICATED or FORBIDDEN. Reads the role anew. */
export function requireOrganiser(
  identify: Identify,
  handle: (identity: Identity, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
) {
  return requireSession(identify, async (identity, request, reply) =>
    identity.user.role === 'admin' ? handle(identity, request, reply) : answerRefusal(reply, refuse('FORBIDDEN').error),
  );
}
