import { z } from 'zod';
import { id, limit, MAX_PRICE_AMOUNT, money, page, requestId, text, time } from '../protocol/primitives.ts';
import { MAX_TICKET_TYPES, ticketType, ticketTypeId } from './ticket-type.ts';

const MAX_VOUCHERS = 1_000;
const MAX_USES = 1_000_000;

/** A voucher's code as somebody types it: letters, digits and hyphens, without regard to case. */
export const voucherCode = z.string().regex(/^[\dA-Za-z-]{1,40}$/, 'Expected up to 40 letters, digits and hyphens');

/**
 * A voucher of an event. `percentOff` or `amountOff` is taken off each ticket of the `ticketTypes` (`null`: of all);
 * `opens`: the hidden types that it makes visible. `held` and `used` count tickets.
 */
export const voucher = z.object({
  id,
  eventId: id,
  code: z.string(),
  percentOff: z.int().nullable(),
  amountOff: money.nullable(),
  opens: z.array(z.string()),
  ticketTypes: z.array(z.string()).nullable(),
  maxTickets: z.int().nullable(),
  maxTicketsPerUser: z.int().nullable(),
  validFrom: time.nullable(),
  validUntil: time.nullable(),
  note: z.string(),
  disabled: z.boolean(),
  held: z.int(),
  used: z.int(),
  createdAt: time,
});
export type Voucher = z.infer<typeof voucher>;

const types = z.array(ticketTypeId).max(MAX_TICKET_TYPES);
const uses = z.int().min(1).max(MAX_USES);

/** `createVouchers`: one with a `code` of the organiser's own, or up to a thousand whose codes the server makes. */
export const createVouchersInput = z
  .strictObject({
    requestId,
    eventId: id,
    count: z.int().min(1).max(MAX_VOUCHERS),
    code: voucherCode.optional(),
    percentOff: z.int().min(1).max(100).optional(),
    amountOff: money.extend({ amount: z.int().min(1).max(MAX_PRICE_AMOUNT) }).optional(),
    opens: types.optional(),
    ticketTypes: types.min(1).optional(),
    maxTickets: uses.optional(),
    maxTicketsPerUser: uses.optional(),
    validFrom: time.optional(),
    validUntil: time.optional(),
    note: text(200).optional(),
  })
  .refine(({ code, count }) => code === undefined || count === 1, { path: ['code'], message: 'Needs a count of 1' })
  .refine(({ percentOff, amountOff }) => percentOff === undefined || amountOff === undefined, {
    path: ['amountOff'],
    message: 'Not together with percentOff',
  });
export type CreateVouchersInput = z.infer<typeof createVouchersInput>;

/** `updateVoucher`: absent properties stay, `null` removes a limit. */
export const updateVoucherInput = z.strictObject({
  voucherId: id,
  changes: z
    .strictObject({
      maxTickets: uses.nullable(),
      maxTicketsPerUser: uses.nullable(),
      validFrom: time.nullable(),
      validUntil: time.nullable(),
      note: text(200),
      disabled: z.boolean(),
    })
    .partial()
    .refine((changes) => Object.keys(changes).length > 0, 'At least one property must change'),
});

/** `listVouchers`. `query`: part of a code or a note. */
export const listVouchersInput = z.strictObject({ eventId: id, page, limit, query: text(100).optional() });

export const createdVouchers = z.object({ vouchers: z.array(voucher) });
export const voucherPage = z.object({ vouchers: z.array(voucher), page: z.int(), limit: z.int(), total: z.int() });
export type VoucherPage = z.infer<typeof voucherPage>;

/** `checkVoucher`. */
export const checkVoucherInput = z.strictObject({ eventId: id, code: voucherCode });
/**
 * The ticket types that a voucher concerns, with their prices by it (`fullPrice`: without it), and how many tickets it is
 * still good for.
 */
export const checkedVoucher = z.object({
  ticketTypes: z.array(ticketType.extend({ fullPrice: money })),
  usesLeft: z.int().nullable(),
  validUntil: time.nullable(),
});
export type CheckedVoucher = z.infer<typeof checkedVoucher>;
