import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Viewer } from '#server/events/list.ts';
import type { EventReads } from '#server/events/reads.ts';
import { commands } from '#shared/protocol/commands.ts';
import { answerRefusal, answer, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';

/** Public reads, with the inputs of the commands `listEvents` and `getEvent` as a query string. */
export function mountEvents(api: FastifyInstance, deps: { eventReads: EventReads; identify: Identify }): void {
  api.get('/events', async (request, reply) => {
    const input = parseInput(commands.listEvents.input, fromQuery(request.query));
    if (!input.ok) return answerRefusal(reply, input.error);
    return answer(reply, await deps.eventReads.list(input.data, await viewerOf(deps.identify, request)));
  });
  api.get<{ Params: { id: string } }>('/events/:id', async (request, reply) => {
    const query = request.query as Record<string, unknown>;
    const input = parseInput(commands.getEvent.input, { ...query, eventId: request.params.id });
    if (!input.ok) return answerRefusal(reply, input.error);
    return answer(reply, await deps.eventReads.get(input.data.eventId, await viewerOf(deps.identify, request)));
  });
}

async function viewerOf(identify: Identify, request: FastifyRequest): Promise<Viewer> {
  const identity = await identify(request);
  return { admin: identity?.user.role === 'admin' };
}

const NUMBERS = new Set(['page', 'limit']);

/** Converts the numbers of a query string, written in decimal digits; other text stays and fails the schema. */
function fromQuery(query: unknown): Record<string, unknown> {
  const entries = Object.entries(query as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      NUMBERS.has(name) && typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value,
    ]),
  );
}
