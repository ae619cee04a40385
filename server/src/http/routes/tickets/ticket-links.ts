import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { networkOf } from '#server/accounts/guessing/network.ts';
import type { LinkedTickets } from '#server/tickets/linked-tickets.ts';
import type { PassSubjects } from '#server/wallet/pass-subjects.ts';
import { locale } from '#shared/account.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { linkedTicketInput, ticketKey } from '#shared/tickets/linked-ticket.ts';
import { answer, answerRefusal, parseInput } from '../../answer.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { PassSender } from '../wallet/pass-senders.ts';
import type { TicketFileSender } from './ticket-file-sender.ts';

interface TicketLinkRoutes {
  linkedTickets: LinkedTickets;
  files: TicketFileSender;
  /** The wallets that this server has keys for. */
  passes: readonly PassSender[];
  subjects: Pick<PassSubjects, 'byKey'>;
  limits: Pick<RateLimits, 'files' | 'unknownKeys'>;
}

const params = z.object({ key: ticketKey });
/** The language of the page that the file belongs to. */
const query = z.object({ locale: locale.default('en') });

/**
 * What the holder of a ticket's link may have, without a session: the ticket, its PDF, passes, and the calendar file. A
 * network that sends many wrong keys waits; a right one is always answered, because a crowd at the entrance shares an address.
 */
export function mountTicketLinks(api: FastifyInstance, deps: TicketLinkRoutes): void {
  const { linkedTickets, files, limits } = deps;
  api.post('/ticket-links', async (request, reply) => {
    const input = parseInput(linkedTicketInput, request.body);
    if (!input.ok) return answerRefusal(reply, input.error);
    return answer(reply, counted(limits, request, await linkedTickets.show(input.data.key)));
  });
  api.get('/ticket-links/:key/ticket.pdf', { onRequest: limits.files }, async (request, reply) => {
    const found = await find(request);
    return found.ok ? files.sendPdf(reply, found.data, localeOf(request)) : answerRefusal(reply, found.error);
  });
  api.get('/ticket-links/:key/event.ics', { onRequest: limits.files }, async (request, reply) => {
    const found = await find(request);
    return found.ok ? files.sendCalendar(reply, found.data, localeOf(request)) : answerRefusal(reply, found.error);
  });
  for (const { path, send } of deps.passes) {
    api.get(`/ticket-links/:key/${path}`, { onRequest: limits.files }, async (request, reply) => {
      const found = await find(request);
      if (!found.ok) return answerRefusal(reply, found.error);
      const { key } = request.params as z.infer<typeof params>;
      return send(reply, await deps.subjects.byKey(key, found.data));
    });
  }

  async function find(request: FastifyRequest) {
    const input = parseInput(params, request.params);
    return counted(limits, request, input.ok ? await linkedTickets.find(input.data.key) : refuse('NOT_FOUND'));
  }
}

function localeOf({ query: given }: FastifyRequest) {
  const input = parseInput(query, given);
  return input.ok ? input.data.locale : 'en';
}

/** Counts a wrong key for the network that sent it; after too many the network gets `RATE_LIMITED`. */
function counted<T>(
  { unknownKeys }: Pick<RateLimits, 'unknownKeys'>,
  { ip }: FastifyRequest,
  found: Result<T>,
): Result<T> {
  if (found.ok) return ok(found.data);
  const network = networkOf(ip);
  const retryAfterMs = unknownKeys.waitMs(network);
  if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
  unknownKeys.count(network);
  return found;
}
