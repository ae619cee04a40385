import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { user } from '#shared/account.ts';
import { booking } from '#shared/booking.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ERROR_STATUS } from '#shared/protocol/errors.ts';
import { availability, event, eventInput } from '#shared/event.ts';
import { eventFilters } from '#shared/events/filters.ts';
import { reminder } from '#shared/events/reminder.ts';
import { money } from '#shared/protocol/primitives.ts';
import { PROTOCOL_VERSION, pushes } from '#shared/protocol/pushes.ts';
import { receiptList } from '#shared/receipts/receipt.ts';
import { linkedPersonalTicket, linkedTicket } from '#shared/tickets/linked-ticket.ts';
import { personalTicketKeys } from '#shared/tickets/personal-ticket.ts';
import { waitlistEntry } from '#shared/waitlist.ts';

const SHAPES = {
  Money: money,
  User: user,
  Availability: availability,
  Event: event,
  EventFilters: eventFilters,
  Booking: booking,
  WaitlistEntry: waitlistEntry,
  Reminder: reminder,
  LinkedTicket: linkedTicket,
  LinkedPersonalTicket: linkedPersonalTicket,
  PersonalTicketKeys: personalTicketKeys,
  ReceiptList: receiptList,
} as const satisfies Record<string, z.ZodType>;

/** Version and text of the wire contract; the schemas are constant, so one generation is enough for a process. */
let published: { etag: string; body: string } | undefined;

/** The wire contract as JSON Schemas (draft 2020-12), generated from the schemas that the server validates with. */
function wireSchema() {
  const contents = {
    protocol: PROTOCOL_VERSION,
    commands: mapValues(commands, ({ access, input, data }) => ({
      access,
      input: sentSchema(input),
      data: receivedSchema(data),
    })),
    pushes: mapValues(pushes, receivedSchema),
    shapes: { ...mapValues(SHAPES, receivedSchema), EventInput: sentSchema(eventInput) },
    errors: ERROR_STATUS,
  };
  const digest = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  return { version: digest.slice(0, 16), ...contents };
}

function publishedSchema() {
  if (!published) {
    const schema = wireSchema();
    published = { etag: `"${schema.version}"`, body: JSON.stringify(schema) };
  }
  return published;
}

/** `GET /api/schema.json`: generated once, with an ETag for revalidation. */
export function mountSchema(api: FastifyInstance): void {
  const { etag, body } = publishedSchema();
  api.get('/schema.json', async (request, reply) => {
    reply.header('cache-control', 'public, no-cache').header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  });
}

/** The schema of what a client sends: properties with defaults are optional, unknown ones are refused. */
function sentSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input' });
}

/** The schema of what a client receives: unknown properties are allowed, so that later versions can add some. */
function receivedSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}

function mapValues<T extends object, R>(table: T, map: (value: T[keyof T]) => R): Record<keyof T, R> {
  const entries = Object.entries(table) as [keyof T, T[keyof T]][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value)])) as Record<keyof T, R>;
}
