import fc from 'fast-check';
import type { VoucherState } from '#server/booking/rules/vouchers/voucher-state.ts';

/** The codes of vouchers as an event has them; each also as a hurried person writes it. */
const CODES = ['HALF', 'ALL-IN', 'LOUNGE', 'TEN'] as const;
const WRITTEN = [...CODES, 'ha1f', 'allin', 'l0unge', 'OTHER'];

/** The code that a buyer names; mostly none. */
export const maybeCode = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(...WRITTEN) },
);

/** What a voucher gives, and to how many; without counts and ids. Times are near `base`. */
function terms(base: Date) {
  const soon = fc.integer({ min: -60, max: 300 }).map((minutes) => new Date(base.getTime() + minutes * 60_000));
  const type = fc.constantFrom('t1', 't2', 't3', 't4');
  const rarely = { freq: 8, nil: null } as const;
  const off = fc.oneof(
    fc.constantFrom(15, 33, 50, 100).map((percentOff) => ({ percentOff, amountOff: null })),
    fc
      .constantFrom(
        { amount: 700, currency: 'EUR' },
        { amount: 3_000, currency: 'EUR' },
        { amount: 5, currency: 'CHF' },
      )
      .map((amountOff) => ({ percentOff: null, amountOff })),
    fc.constant({ percentOff: null, amountOff: null }),
  );
  return fc
    .record({
      off,
      opens: fc.oneof(fc.constant(['t1', 't2', 't3', 't4']), fc.uniqueArray(type, { maxLength: 2 })),
      ticketTypes: fc.option(fc.uniqueArray(type, { minLength: 1, maxLength: 2 }), { freq: 2 }),
      maxTickets: fc.option(fc.integer({ min: 1, max: 4 })),
      maxTicketsPerUser: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 2 }),
      validFrom: fc.option(soon, rarely).map((time) => mostlyNull(time)),
      validUntil: fc.option(soon, rarely).map((time) => mostlyNull(time)),
    })
    .map(({ off: discount, ...more }) => ({ ...more, ...discount }));
}

/** One time in four stays, so that most vouchers are valid. */
function mostlyNull(time: Date | null): Date | null {
  return time && Math.floor(time.getTime() / 60_000) % 4 === 0 ? time : null;
}

type Terms = ReturnType<typeof terms> extends fc.Arbitrary<infer T> ? T : never;

/** The vouchers of an event without their ids: none, or one for each code. */
export function vouchersOf(base: Date): fc.Arbitrary<readonly (Terms & { code: string })[]> {
  const all = fc.tuple(...CODES.map((code) => terms(base).map((one) => ({ ...one, code }))));
  return fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: all });
}

/** Vouchers of few uses, with which late payments meet other buyers. */
export const scarceVouchers = fc
  .record({ maxTickets: fc.integer({ min: 1, max: 3 }), maxTicketsPerUser: fc.integer({ min: 1, max: 3 }) })
  .map(({ maxTickets, maxTicketsPerUser }): readonly (Terms & { code: string })[] => {
    const always = { amountOff: null, opens: [], ticketTypes: null, validFrom: null, validUntil: null };
    return [
      { code: 'HALF', ...always, percentOff: 50, maxTickets, maxTicketsPerUser: null },
      { code: 'TEN', ...always, percentOff: 15, maxTickets: null, maxTicketsPerUser },
    ];
  });

/** What an organiser does with a voucher between two batches; `which` is an index into the event's. */
export interface VoucherUpdate {
  which: number;
  change: { disabled: boolean } | { maxTickets: number | null } | { maxTicketsPerUser: number | null };
}

export const voucherUpdate: fc.Arbitrary<VoucherUpdate> = fc.record({
  which: fc.nat(3),
  change: fc.oneof(
    fc.boolean().map((disabled) => ({ disabled })),
    fc.option(fc.integer({ min: 1, max: 5 })).map((maxTickets) => ({ maxTickets })),
    fc.option(fc.integer({ min: 1, max: 3 })).map((maxTicketsPerUser) => ({ maxTicketsPerUser })),
  ),
});

/** Whether an organiser may set this: no limit goes below what is used. */
export function isAllowed({ change }: VoucherUpdate, { held, used }: Pick<VoucherState, 'held' | 'used'>): boolean {
  return !('maxTickets' in change) || change.maxTickets === null || change.maxTickets >= held + used;
}
