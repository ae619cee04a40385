import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deviceOf } from '#server/accounts/device.ts';
import { toUser } from '#server/models/views.ts';
import { provisionalInput } from '#shared/account.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { setSessionCookie } from '../../cookies.ts';
import { preferredLocale } from '../../locale.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { SignedInDeps } from './signed-in.ts';

type ProvisionalRoutes = Pick<SignedInDeps, 'config' | 'identify' | 'provisionalAccounts'> & { limits: RateLimits };

/** Accounts of visitors who hold seats before they sign in (PROTOCOL.md, "Hold first"). */
export function mountProvisional(api: FastifyInstance, deps: ProvisionalRoutes): void {
  api.post('/auth/provisional', { onRequest: deps.limits.provisionals }, (request, reply) =>
    openProvisional(deps, request, reply),
  );
}

async function openProvisional(deps: ProvisionalRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(provisionalInput, request.body ?? {});
  if (!input.ok) return answerRefusal(reply, input.error);
  const opened = await deps.provisionalAccounts.open(await deps.identify(request), {
    address: request.ip,
    device: deviceOf(request.headers['user-agent']),
    locale: preferredLocale(request.headers['accept-language']),
  });
  if (!opened.ok) return answerRefusal(reply, opened.error);
  setSessionCookie(deps, reply, opened.data);
  return reply.status(201).send({ user: toUser(opened.data.user), token: opened.data.token });
}
