import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AppleWallet } from '#server/wallet/apple/apple-wallet.ts';
import type { PassSubject } from '#server/wallet/pass-subjects.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import type { RateLimits } from '../../rate-limit.ts';
import { sendPassFile } from './pass-senders.ts';

const MOST_LINES = 10;

const device = z.string().regex(/^[\w.-]{1,128}$/);
const passType = z.string().max(200);
const pass = z.object({ passType, serial: z.string().max(100) });
const devicePass = pass.extend({ device });
const devicePasses = z.object({ device, passType });
const updatedSince = z.object({ passesUpdatedSince: z.string().max(20).optional() });
/** What Apple calls a push token: it becomes a part of an address. */
const registration = z.object({ pushToken: z.string().regex(/^[\da-fA-F]{16,256}$/) });
const reports = z.object({ logs: z.array(z.string()).transform((lines) => lines.slice(0, MOST_LINES)) });

interface WebServiceRoutes {
  apple: AppleWallet;
  limits: Pick<RateLimits, 'files'>;
}

/**
 * The web service that Apple specifies for passes ("Adding a Web Service to Update Passes"): devices register for a pass,
 * ask which of theirs have changed, and get them. Each pass has a token, which the device sends.
 */
export function mountAppleWebService(api: FastifyInstance, { apple, limits }: WebServiceRoutes): void {
  const registrations = '/wallet/v1/devices/:device/registrations/:passType';

  api.post(`${registrations}/:serial`, async (request, reply) => {
    const named = parseInput(devicePass, request.params);
    const subject = named.ok ? await authenticated(request, named.data) : null;
    if (!named.ok || !subject) return unknown(reply);
    const input = parseInput(registration, request.body);
    if (!input.ok) return answerRefusal(reply, input.error);
    const outcome = await apple.register(named.data.device, input.data.pushToken, subject);
    if (outcome === null) return unknown(reply);
    return reply.status(outcome === 'new' ? 201 : 200).send();
  });

  api.delete(`${registrations}/:serial`, async (request, reply) => {
    const named = parseInput(devicePass, request.params);
    const subject = named.ok ? await authenticated(request, named.data) : null;
    if (!named.ok || !subject) return unknown(reply);
    await apple.unregister(named.data.device, subject.serial);
    return reply.status(200).send();
  });

  api.get(registrations, async (request, reply) => {
    const named = parseInput(devicePasses, request.params);
    const query = parseInput(updatedSince, request.query);
    if (!named.ok || !query.ok) return reply.status(204).send();
    const { device: asking, passType: type } = named.data;
    const changed = await apple.changedSince(asking, type, query.data.passesUpdatedSince);
    return changed ? reply.send(changed) : reply.status(204).send();
  });

  api.get('/wallet/v1/passes/:passType/:serial', async (request, reply) => {
    const named = parseInput(pass, request.params);
    const subject = named.ok ? await authenticated(request, named.data) : null;
    if (!subject) return unknown(reply);
    if (isUnchanged(request, subject)) return reply.status(304).send();
    return sendPassFile(reply, subject, apple);
  });

  // What devices report of passes that they could not read, or could not update.
  api.post('/wallet/v1/log', { onRequest: limits.files }, async (request, reply) => {
    const input = parseInput(reports, request.body);
    if (!input.ok) return answerRefusal(reply, input.error);
    for (const line of input.data.logs) request.log.warn({ line: line.slice(0, 500) }, 'A device reports of a pass');
    return reply.status(200).send();
  });

  function authenticated(request: FastifyRequest, { passType: type, serial }: z.infer<typeof pass>) {
    const token = /^ApplePass +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    return apple.authenticated(type, serial, token);
  }
}

/** 401, as Apple specifies, both for a wrong token and for an unknown pass, so that the answer reveals no serial number. */
function unknown(reply: FastifyReply): FastifyReply {
  return answerRefusal(reply, refuse('UNAUTHENTICATED').error);
}

/** HTTP has whole seconds. */
function isUnchanged({ headers }: FastifyRequest, { changedAt }: PassSubject): boolean {
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(changedAt.getTime() / 1_000) * 1_000 <= since;
}
