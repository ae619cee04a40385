import type { FastifyInstance } from 'fastify';
import type { Identity } from '#server/accounts/sessions.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { answer, answerRefusal, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';
import { requireSession } from '../identity.ts';
import type { RateLimits } from '../rate-limit.ts';

export interface BookingRoutes {
  /** Runs the command `book` of a buyer at an IP address. */
  book(input: CommandInput<'book'>, buyer: Identity, address: string): Promise<Result<Booking>>;
  identify: Identify;
  limits: Pick<RateLimits, 'bookings'>;
}

/** `POST /api/bookings`: the command `book`, for pages whose scripts do not run. */
export function mountBookings(api: FastifyInstance, { book, identify, limits }: BookingRoutes): void {
  api.post(
    '/bookings',
    { onRequest: limits.bookings },
    requireSession(identify, async (buyer, request, reply) => {
      const input = parseInput(commands.book.input, request.body);
      return input.ok ? answer(reply, await book(input.data, buyer, request.ip)) : answerRefusal(reply, input.error);
    }),
  );
}
