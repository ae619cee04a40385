import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Viewer } from '#server/events/list.ts';
import type { EventReads } from '#server/events/reads.ts';
import { commands } from '#shared/protocol/commands.ts';
import { answerRefusal, answer, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';

/** Public reads, with the inputs of the commands `listEvents` and `getEvent` as a query string, and what lists are filtered by. */
export function mountEvents(api: FastifyInstance, deps: { eventReads: EventReads; identify: Identify }): void {
  api.get('/events', async (request, reply) => {
    const input = parseInput(commands.listEvents.input, fromQuery(request.query));
    if (!input.ok) return answerRefusal(reply, input.error);
    return answer(reply, await deps.eventReads.list(input.data, await viewerOf(deps.identify, request)));
  });
  api.get('/events/filters', async (request, reply) => {
    const input = parseInput(z.strictObject({}), request.query);
    if (!input.ok) return answerRefusal(reply, input.error);
    return answer(reply, await deps.eventReads.filters());
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
const SWITCHES = new Set(['free', 'available']);

/** Converts the numbers of a query string, written in decimal digits, and `true`; other text stays and fails the schema. */
export function fromQuery(query: unknown): Record<string, unknown> {
  const entries = Object.entries(query as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name, valueOf(name, value)]));
}

function valueOf(name: string, value: unknown): unknown {
  if (SWITCHES.has(name) && value === 'true') return true;
  return NUMBERS.has(name) && typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
}
