import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CloseAccount } from '#server/accounts/close-account.ts';
import type { KnownDevices } from '#server/accounts/guessing/known-devices.ts';
import type { Recovery } from '#server/accounts/recovery/recovery.ts';
import type { Identity } from '#server/accounts/sessions.ts';
import type { Config } from '#server/config.ts';
import { closeAccountInput, forgotPasswordInput, resetPasswordInput, verifyEmailInput } from '#shared/account.ts';
import { answer, answerRefusal, parseInput } from '../../answer.ts';
import { clearSessionCookie, setDeviceCookie } from '../../cookies.ts';
import type { Identify } from '../../identity.ts';
import { requireSession } from '../../identity.ts';
import type { RateLimits } from '../../rate-limit.ts';
import { siteOf } from './passkeys.ts';

export interface AccountRoutes {
  config: Pick<Config, 'publicUrl'>;
  recovery: Recovery;
  knownDevices: KnownDevices;
  closeAccount: CloseAccount;
  /** Everything stored about an account. */
  exportOf(identity: Identity): Promise<object>;
  identify: Identify;
  limits: RateLimits;
}

/** Account recovery by mailed links, the export of personal data, and the deletion of the account. */
export function mountAccount(api: FastifyInstance, deps: AccountRoutes): void {
  const { identify, limits } = deps;
  api.post('/auth/forgot', { onRequest: limits.mails }, (request, reply) => forgot(deps, request, reply));
  api.post('/auth/reset', (request, reply) => reset(deps, request, reply));
  api.post('/auth/verify', (request, reply) => verify(deps, request, reply));
  api.post(
    '/auth/verify/send',
    { onRequest: limits.mails },
    requireSession(identify, async ({ user }, _request, reply) =>
      answer(reply, await deps.recovery.sendVerification(user), 204),
    ),
  );
  api.get(
    '/auth/me/export',
    { onRequest: limits.exports },
    requireSession(identify, async (identity, _request, reply) => sendExport(reply, await deps.exportOf(identity))),
  );
  api.delete(
    '/auth/me',
    requireSession(identify, (identity, request, reply) => closeAccount(deps, identity, request, reply)),
  );
}

async function forgot({ recovery }: AccountRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(forgotPasswordInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  await recovery.forgot(input.data);
  return reply.status(204).send();
}

async function reset(deps: AccountRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(resetPasswordInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const changed = await deps.recovery.reset(input.data, request.ip);
  if (!changed.ok) return answerRefusal(reply, changed.error);
  // The link has proved that the owner is here, who will sign in next.
  setDeviceCookie(deps, request, reply, changed.data.userId);
  return reply.status(204).send();
}

async function verify({ recovery }: AccountRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(verifyEmailInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  return answer(reply, await recovery.verify(input.data, request.ip), 204);
}

function sendExport(reply: FastifyReply, data: object) {
  return reply.header('content-disposition', 'attachment; filename="frontrow-data.json"').send(data);
}

async function closeAccount(deps: AccountRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(closeAccountInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const closed = await deps.closeAccount(identity, input.data, siteOf(deps, request));
  if (!closed.ok) return answerRefusal(reply, closed.error);
  return clearSessionCookie(deps, reply).status(204).send();
}
