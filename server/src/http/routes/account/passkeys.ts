import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deviceOf } from '#server/accounts/device.ts';
import type { OwnPasskeys } from '#server/accounts/passkeys/own-passkeys.ts';
import type { PasskeySignIn } from '#server/accounts/passkeys/passkey-sign-in.ts';
import type { PasskeySite } from '#server/accounts/passkeys/passkey-site.ts';
import { noDomainRefusal, passkeySiteOf } from '#server/accounts/passkeys/passkey-site.ts';
import type { Identity } from '#server/accounts/sessions.ts';
import { toPasskey } from '#server/models/accounts/passkey-view.ts';
import { addPasskeyInput, passkeyOptionsInput, passkeySignInInput } from '#shared/accounts/passkey.ts';
import { answer, answerRefusal, parseInput } from '../../answer.ts';
import { requireSession } from '../../identity.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { SignedInDeps } from './signed-in.ts';
import { clientOf, signedInBody } from './signed-in.ts';

interface PasskeyRoutes extends SignedInDeps {
  passkeys: { own: OwnPasskeys; signIn: PasskeySignIn };
  limits: RateLimits;
}

/** Passkeys of an account, and signing in by them (PROTOCOL.md, "Additions"). */
export function mountPasskeys(api: FastifyInstance, deps: PasskeyRoutes): void {
  const { passkeys, identify, limits } = deps;
  api.post('/auth/passkeys/sign-in/options', { onRequest: limits.passkeys }, (request, reply) =>
    signInOptions(deps, request, reply),
  );
  api.post('/auth/passkeys/sign-in', (request, reply) => signIn(deps, request, reply));
  api.get(
    '/auth/passkeys',
    requireSession(identify, async ({ user }, _request, reply) => {
      const stored = await passkeys.own.list(user._id);
      return reply.send({ passkeys: stored.map(toPasskey) });
    }),
  );
  api.post(
    '/auth/passkeys/options',
    requireSession(identify, (identity, request, reply) => addOptions(deps, identity, request, reply)),
  );
  api.post(
    '/auth/passkeys',
    requireSession(identify, (identity, request, reply) => add(deps, identity, request, reply)),
  );
  api.post(
    '/auth/passkeys/closing/options',
    requireSession(identify, (identity, request, reply) => closingOptions(deps, identity, request, reply)),
  );
  api.delete(
    '/auth/passkeys/:id',
    requireSession(identify, async (identity, request, reply) => {
      const { id } = request.params as { id: string };
      return answer(reply, await passkeys.own.remove(identity, id), 204);
    }),
  );
}

/** The site as passkeys know it at the address that the browser has asked. */
export function siteOf({ config }: Pick<SignedInDeps, 'config'>, { headers }: FastifyRequest): PasskeySite | null {
  return passkeySiteOf(config.publicUrl, headers.host);
}

function answerNoDomain(reply: FastifyReply): FastifyReply {
  return answerRefusal(reply, noDomainRefusal().error);
}

async function signInOptions(deps: PasskeyRoutes, request: FastifyRequest, reply: FastifyReply) {
  const site = siteOf(deps, request);
  return site ? reply.send(await deps.passkeys.signIn.options(site)) : answerNoDomain(reply);
}

async function signIn(deps: PasskeyRoutes, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(passkeySignInInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const site = siteOf(deps, request);
  if (!site) return answerNoDomain(reply);
  const signedIn = await deps.passkeys.signIn.signIn(site, input.data.credential, clientOf(request));
  if (!signedIn.ok) return answerRefusal(reply, signedIn.error);
  return reply.send(await signedInBody(deps, request, reply, signedIn.data));
}

async function addOptions(deps: PasskeyRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(passkeyOptionsInput, request.body ?? {});
  if (!input.ok) return answerRefusal(reply, input.error);
  const site = siteOf(deps, request);
  return site ? answer(reply, await deps.passkeys.own.options(identity, site, input.data)) : answerNoDomain(reply);
}

async function add(deps: PasskeyRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const input = parseInput(addPasskeyInput, request.body);
  if (!input.ok) return answerRefusal(reply, input.error);
  const site = siteOf(deps, request);
  if (!site) return answerNoDomain(reply);
  const device = deviceOf(request.headers['user-agent']);
  const added = await deps.passkeys.own.add(identity, site, input.data.credential, device);
  if (!added.ok) return answerRefusal(reply, added.error);
  return reply.status(201).send({ passkey: toPasskey(added.data) });
}

async function closingOptions(deps: PasskeyRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const site = siteOf(deps, request);
  return site ? reply.send(await deps.passkeys.own.closingOptions(identity, site)) : answerNoDomain(reply);
}
