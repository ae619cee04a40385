import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Identity } from '#server/accounts/sessions.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import { numberText } from '#server/models/receipts/receipt-number.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import { toReceipt } from '#server/receipts/receipt-views.ts';
import type { Receipts } from '#server/receipts/receipts.ts';
import { mayChangeAddress } from '#server/receipts/receipts.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { id } from '#shared/protocol/primitives.ts';
import type { ReceiptList } from '#shared/receipts/receipt.ts';
import { invoiceAddressInput } from '#shared/receipts/receipt.ts';
import { answer, answerRefusal, parseInput } from '../../answer.ts';
import type { Identify } from '../../identity.ts';
import { requireSession } from '../../identity.ts';
import type { RateLimits } from '../../rate-limit.ts';

export interface ReceiptRoutes {
  models: Pick<Models, 'bookings'>;
  receipts: Pick<Receipts, 'ofBooking' | 'changeAddress'>;
  /** The PDF of a receipt; null while too many are printed. */
  printReceipt(receipt: ReceiptDoc): Promise<Buffer | null>;
  identify: Identify;
  limits: Pick<RateLimits, 'files'>;
}

const params = z.object({ id });
/** `number`: of one receipt; absent: the valid one. */
const fileQuery = z.strictObject({ number: z.string().max(40).optional() });
const PRINT_AGAIN_MS = 1_000;

/** Receipts of a booking, for its buyer and organisers; only the buyer has them made out to another address. */
export function mountReceipts(api: FastifyInstance, deps: ReceiptRoutes): void {
  const { receipts, identify, limits } = deps;
  api.get(
    '/bookings/:id/receipts',
    requireSession(identify, async (identity, request, reply) => {
      const found = await findBooking(deps, identity, request);
      if (!found.ok) return answerRefusal(reply, found.error);
      return reply.send(listOf(await receipts.ofBooking(found.data._id)));
    }),
  );
  api.get(
    '/bookings/:id/receipt.pdf',
    { onRequest: limits.files },
    requireSession(identify, async (identity, request, reply) => {
      const found = await findBooking(deps, identity, request);
      if (!found.ok) return answerRefusal(reply, found.error);
      return sendPdf(deps, found.data, request, reply);
    }),
  );
  api.post(
    '/bookings/:id/invoice-address',
    { onRequest: limits.files },
    requireSession(identify, async (identity, request, reply) => {
      const found = await findBooking(deps, identity, request);
      if (!found.ok) return answerRefusal(reply, found.error);
      if (!found.data.userId.equals(identity.user._id)) return answerRefusal(reply, refuse('FORBIDDEN').error);
      const input = parseInput(invoiceAddressInput, request.body);
      if (!input.ok) return answerRefusal(reply, input.error);
      const changed = await receipts.changeAddress(found.data._id, input.data);
      if (!changed.ok) return answerRefusal(reply, changed.error);
      return answer(reply, ok(listOf(await receipts.ofBooking(found.data._id))));
    }),
  );
}

function listOf(receipts: readonly ReceiptDoc[]): ReceiptList {
  return { receipts: receipts.map(toReceipt), mayChangeAddress: mayChangeAddress(receipts) };
}

async function sendPdf(
  { receipts, printReceipt }: ReceiptRoutes,
  booking: BookingDoc,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = parseInput(fileQuery, request.query);
  if (!query.ok) return answerRefusal(reply, query.error);
  const all = await receipts.ofBooking(booking._id);
  const { number } = query.data;
  const receipt =
    number === undefined
      ? all.findLast(({ kind }) => kind === 'receipt')
      : all.find((one) => numberText(one) === number);
  if (!receipt && number !== undefined) return answerRefusal(reply, refuse('NOT_FOUND').error);
  if (!receipt)
    return answerRefusal(
      reply,
      refuse('INVALID_STATE', { details: { payment: booking.payment?.status ?? null } }).error,
    );
  const pdf = await printReceipt(receipt);
  if (pdf === null) return answerRefusal(reply, refuse('BUSY', { retryAfterMs: PRINT_AGAIN_MS }).error);
  return reply
    .type('application/pdf')
    .header('content-disposition', `attachment; filename="${numberText(receipt)}.pdf"`)
    .header('x-robots-tag', 'noindex')
    .send(pdf);
}

/** Refuses the bookings of other accounts with NOT_FOUND, except for organisers. */
async function findBooking(
  { models }: Pick<ReceiptRoutes, 'models'>,
  { user }: Identity,
  request: FastifyRequest,
): Promise<Result<BookingDoc>> {
  const input = parseInput(params, request.params);
  if (!input.ok) return refuse('NOT_FOUND');
  const booking = await models.bookings.findById(input.data.id).lean<BookingDoc>();
  const isVisible = booking && (user.role === 'admin' || booking.userId.equals(user._id));
  return isVisible ? ok(booking) : refuse('NOT_FOUND');
}
