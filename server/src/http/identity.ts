import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity, Sessions } from '#server/accounts/sessions.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from './answer.ts';

export const SESSION_COOKIE = 'session';

/** Whose request this is, read from the database; null without a session that counts. */
export type Identify = (request: FastifyRequest) => Promise<Identity | null>;

export function createIdentify(sessions: Sessions): Identify {
  return async (request) => {
    const token = tokenOf(request);
    return token === null ? null : sessions.verify(token);
  };
}

/** A request may carry both: a bearer token was sent on purpose, a cookie goes along by itself. */
function tokenOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? request.cookies[SESSION_COOKIE] ?? null;
}

/** A route for people with a session; everybody else is answered UNAUTHENTICATED. */
export function requireSession(
  identify: Identify,
  handle: (who: Identity, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const who = await identify(request);
    return who ? handle(who, request, reply) : answerRefusal(reply, refuse('UNAUTHENTICATED').error);
  };
}

/** A route for organisers, whose role was read from the database just now; everybody else is refused. */
export function requireOrganiser(
  identify: Identify,
  handle: (who: Identity, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
) {
  return requireSession(identify, async (who, request, reply) =>
    who.user.role === 'admin' ? handle(who, request, reply) : answerRefusal(reply, refuse('FORBIDDEN').error),
  );
}
