import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CodeSignIn } from '#server/accounts/code/code-sign-in.ts';
import { requestCodeInput, verifyCodeInput } from '#shared/account.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { namedLocale } from '../../locale.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { SignedInDeps } from './signed-in.ts';
import { clientOf, provisionalIdOf, sessionBody } from './signed-in.ts';

interface CodeRoutes extends SignedInDeps {
  codeSignIn: CodeSignIn;
  limits: RateLimits;
}

/** Signing in by a mailed code (PROTOCOL.md, "Without a password"). */
export function mountCode(api: FastifyInstance, deps: CodeRoutes): void {
  api.post('/auth/code', { onRequest: deps.limits.codes }, (request, reply) => requestCode(deps, request, reply));
  api.post('/auth/code/verify', (request, reply) => verifyCode(deps, request, reply));
}

async function requestCode({ codeSignIn }: CodeRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(requestCodeInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  await codeSignIn.request(input.data, namedLocale(request.headers['accept-language']));
  return reply.status(204).send();
}

async function verifyCode(deps: CodeRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(verifyCodeInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const provisionalId = await provisionalIdOf(deps, request);
  const signedIn = await deps.codeSignIn.signIn(input.data, { ...clientOf(request), provisionalId });
  if (!signedIn.ok) return answerRefusal(reply, signedIn.error);
  const { created, takenOverId } = signedIn.data;
  return reply.send({ ...(await sessionBody(deps, request, reply, signedIn.data, takenOverId)), created });
}
