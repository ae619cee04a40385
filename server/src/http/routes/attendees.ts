import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Attendees } from '#server/events/attendees.ts';
import type { EventDoc } from '#server/models/event.ts';
import { minorDigits } from '#shared/money/currency.ts';
import { commands } from '#shared/protocol/commands.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { EventBooking } from '#shared/organiser.ts';
import { answerRefusal, parseInput } from '../answer.ts';
import { csvLine } from '../csv.ts';
import type { Identify } from '../identity.ts';
import { requireOrganiser } from '../identity.ts';

/** Excel reads a CSV file as UTF-8 only with this at its start. */
const BYTE_ORDER_MARK = '\uFEFF';
/** Lines per chunk. */
const CHUNK_LINES = 200;

const HEADER = [
  'code',
  'status',
  'seats',
  'checked in',
  'name',
  'email',
  'email verified',
  'total',
  'refunded',
  'currency',
  'booked at',
  'ended at',
  'ended by',
  'reason',
  'reasons of changes',
  'voucher',
];

/** Each ticket type has a column with the number of tickets, in the order in which the types were made. */
type TypeColumns = readonly Pick<EventDoc['ticketTypes'][number], 'id' | 'name'>[];

/** The bookings of an event with their attendees, as CSV. */
export function mountAttendees(api: FastifyInstance, deps: { attendees: Attendees; identify: Identify }) {
  api.get<{ Params: { id: string } }>(
    '/events/:id/bookings.csv',
    requireOrganiser(deps.identify, async (_identity, request, reply) => {
      const { id: eventId } = request.params as { id: string };
      const input = parseInput(commands.eventStats.input, { ...(request.query as object), eventId });
      if (!input.ok) return answerRefusal(reply, input.error);
      const found = await deps.attendees.all(input.data.eventId);
      return found ? sendCsv(reply, found.event, found.bookings) : answerRefusal(reply, refuse('NOT_FOUND').error);
    }),
  );
}

/** Streams the bookings: only a few hundred are in memory at a time. */
function sendCsv(reply: FastifyReply, event: EventDoc, bookings: AsyncIterable<EventBooking>): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="bookings-${event._id.toHexString()}.csv"`)
    .send(Readable.from(csvChunks(event.ticketTypes, bookings)));
}

async function* csvChunks(types: TypeColumns, bookings: AsyncIterable<EventBooking>): AsyncGenerator<string> {
  let text = BYTE_ORDER_MARK + csvLine([...HEADER, ...types.map(({ name }) => name)]);
  let lines = 0;
  for await (const booking of bookings) {
    text += csvLine([...cellsOf(booking), ...types.map(({ id }) => countOf(booking, id))]);
    lines += 1;
    if (lines % CHUNK_LINES > 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

function cellsOf({ attendee, total, payment, ended, ...booking }: EventBooking): (string | number)[] {
  const { currency } = total;
  return [
    booking.code,
    booking.status,
    booking.seats,
    booking.checkedInSeats,
    attendee.name,
    attendee.email,
    attendee.verified ? 'yes' : 'no',
    amountOf(total.amount, currency),
    amountOf(payment?.refundedAmount ?? 0, currency),
    currency,
    booking.createdAt,
    ended?.at ?? '',
    ended?.by ?? '',
    ended?.reason ?? '',
    (booking.reasons ?? []).map(({ reason }) => reason).join('; '),
    booking.voucher ?? '',
  ];
}

/** Tickets of this type, which the booking may have at several prices. */
function countOf({ tickets }: EventBooking, typeId: string): number {
  return tickets.reduce((sum, { type, count }) => sum + (type === typeId ? count : 0), 0);
}

/** In major units, which spreadsheets can add up: 2000 cents are "20.00", 500 yen "500". */
function amountOf(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  return (minor / 10 ** digits).toFixed(digits);
}
