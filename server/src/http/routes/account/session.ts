import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts, SignedInUser } from '#server/accounts/accounts.ts';
import type { Identity, OpenSession, Sessions } from '#server/accounts/sessions.ts';
import { toUser } from '#server/models/views.ts';
import type { AccountSession, CurrentSession } from '#shared/account.ts';
import { loginInput, logoutInput, changePasswordInput, profileChanges, registerInput } from '#shared/account.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answer, answerRefusal, parseInput } from '../../answer.ts';
import { clearSessionCookie, setSessionCookie } from '../../cookies.ts';
import { requireAnySession, requireSession } from '../../identity.ts';
import { preferredLocale } from '../../locale.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { SignedInDeps } from './signed-in.ts';
import { clientOf, signedInBody } from './signed-in.ts';

interface SessionRoutes extends SignedInDeps {
  accounts: Accounts;
  sessions: Sessions;
  limits: RateLimits;
}

/** Registration, login, logout and changes of one's own account (PROTOCOL.md, "Session"). */
export function mountSession(api: FastifyInstance, deps: SessionRoutes): void {
  const { identify, limits } = deps;
  api.post('/auth/register', { onRequest: limits.registrations }, (request, reply) => register(deps, request, reply));
  api.post('/auth/login', (request, reply) => login(deps, request, reply));
  api.post(
    '/auth/logout',
    requireAnySession(identify, (identity, request, reply) => logout(deps, identity, request, reply)),
  );
  api.get(
    '/auth/me',
    requireAnySession(identify, (identity, _request, reply) => me(deps, identity, reply)),
  );
  api.get(
    '/auth/sessions',
    requireSession(identify, (identity, _request, reply) => listSessions(deps, identity, reply)),
  );
  api.delete(
    '/auth/sessions/:id',
    requireSession(identify, (identity, request, reply) => endSession(deps, identity, request, reply)),
  );
  api.get('/auth/session', (request, reply) => currentSession(deps, request, reply));
  api.patch(
    '/auth/me',
    requireSession(identify, (identity, request, reply) => changeProfile(deps, identity, request, reply)),
  );
  api.post(
    '/auth/password',
    requireSession(identify, (identity, request, reply) => changePassword(deps, identity, request, reply)),
  );
}

async function register(deps: SessionRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(registerInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const locale = preferredLocale(request.headers['accept-language']);
  const registered = await deps.accounts.register(input.data, { ...clientOf(request), locale });
  return answerSignedIn(deps, request, reply, registered, 201);
}

async function login(deps: SessionRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(loginInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  return answerSignedIn(deps, request, reply, await deps.accounts.login(input.data, clientOf(request)), 200);
}

async function answerSignedIn(
  deps: SessionRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  result: Result<SignedInUser>,
  status: number,
) {
  if (!result.ok) return answerRefusal(reply, result.error);
  const body = await signedInBody(deps, request, reply, result.data);
  return reply.status(status).send(body);
}

async function logout(deps: SessionRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(logoutInput, request.body ?? {});
  if (!input.ok) return answerRefusal(reply, input.error);
  if (input.data.everywhere) await deps.sessions.endAll(identity.user._id, 'logged_out');
  else await deps.sessions.end(identity.session._id, 'logged_out');
  return clearSessionCookie(deps, reply).status(204).send();
}

async function listSessions(deps: SessionRoutes, { user, session: present }: Identity, reply: FastifyReply) {
  const sessions = await deps.sessions.list(user._id);
  return reply.send({
    sessions: sessions.map(({ _id, createdAt, lastSeenAt = createdAt, device = '' }): AccountSession => ({
      id: _id.toHexString(),
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      device,
      current: _id.equals(present._id),
    })),
  });
}

async function endSession(deps: SessionRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const { id: wanted } = request.params as { id: string };
  const sessions = await deps.sessions.list(identity.user._id);
  const ended = sessions.find(({ _id }) => _id.toHexString() === wanted.toLowerCase());
  if (!ended) return answerRefusal(reply, refuse('NOT_FOUND').error);
  await deps.sessions.end(ended._id, 'logged_out');
  if (ended._id.equals(identity.session._id)) clearSessionCookie(deps, reply);
  return reply.status(204).send();
}

async function me(deps: SessionRoutes, identity: Identity, reply: FastifyReply) {
  const renewed = await renewCookie(deps, identity, reply);
  const { expiresAt } = renewed?.session ?? identity.session;
  return reply.send({
    user: toUser(identity.user),
    expiresAt: expiresAt.toISOString(),
    ...(renewed && { token: renewed.token }),
  });
}

/** Like `me`, for pages: answers a signed-out visitor instead of refusing, and keeps the token in the cookie. */
async function currentSession(deps: SessionRoutes, request: FastifyRequest, reply: FastifyReply) {
  const identity = await deps.identify(request);
  if (!identity) return reply.send({ user: null, expiresAt: null } satisfies CurrentSession);
  const renewed = await renewCookie(deps, identity, reply);
  const { expiresAt } = renewed?.session ?? identity.session;
  return reply.send({ user: toUser(identity.user), expiresAt: expiresAt.toISOString() } satisfies CurrentSession);
}

async function renewCookie(deps: SessionRoutes, identity: Identity, reply: FastifyReply): Promise<OpenSession | null> {
  const renewed = await deps.sessions.renew(identity);
  if (renewed) setSessionCookie(deps, reply, renewed);
  return renewed;
}

async function changeProfile(deps: SessionRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(profileChanges, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const changed = await deps.accounts.changeProfile(identity.user._id, input.data);
  if (!changed.ok) return answerRefusal(reply, changed.error);
  return reply.send({ user: toUser(changed.data), expiresAt: identity.session.expiresAt.toISOString() });
}

async function changePassword(deps: SessionRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(changePasswordInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  return answer(reply, await deps.accounts.changePassword(identity, input.data), 204);
}
