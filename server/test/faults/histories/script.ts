import fc from 'fast-check';
import type { EventInput } from '#shared/event.ts';
import type { VoucherTerms } from '../../support/database/add-vouchers.ts';
import type { Step } from '../../support/model/steps.ts';
import { aBooking, anyStep } from '../../support/model/steps.ts';
import { vouchersOf } from '../../support/model/vouchers/steps.ts';

/** An event with its vouchers, and the steps of its clients in each round; time passes between rounds. */
export interface Script {
  input: Partial<EventInput>;
  vouchers: readonly VoucherTerms[];
  rounds: Step[][];
}

/** A ticket type's other settings; the first one takes a seat. */
function completed<T extends { seats: number }>(type: T, index: number) {
  const open = { description: '', salesFrom: null, salesUntil: null, minPerBooking: 0, maxPerBooking: null };
  return { ...open, ...type, seats: index === 0 ? Math.max(1, type.seats) : type.seats };
}

/** `count` scripts from one seed: the same scripts on every machine. */
export function scripts(seed: number, count: number, base: Date, rounds: number): Script[] {
  const later = (minutes: number) => new Date(base.getTime() + minutes * 60_000).toISOString();
  const type = fc.record({
    name: fc.constantFrom('Adult', 'Child', 'Parking'),
    price: fc.constantFrom(0, 1_500).map((amount) => ({ amount, currency: 'EUR' })),
    seats: fc.constantFrom(1, 1, 2, 0),
    limit: fc.option(fc.integer({ min: 1, max: 6 })),
    access: fc.constantFrom('public' as const, 'public' as const, 'public' as const, 'voucher' as const),
  });
  const ofTypes = fc.array(type, { minLength: 2, maxLength: 3 }).map((types) => types.map(completed));
  const ofOnePrice = fc.record({
    price: fc.constantFrom({ amount: 0, currency: 'EUR' }, { amount: 2_000, currency: 'EUR' }),
  });
  const common = fc.record({
    totalSeats: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 20 })),
    maxSeatsPerBooking: fc.integer({ min: 2, max: 5 }),
    maxSeatsPerUser: fc.option(fc.integer({ min: 2, max: 9 })),
    startsAt: fc.constant(later(600)),
    salesCloseAt: fc.integer({ min: 15, max: 300 }).map(later),
    offerMinutes: fc.constant(10),
    cancelBeforeHours: fc.constant(9),
  });
  const pricing = fc.oneof<fc.Arbitrary<Pick<EventInput, 'price' | 'ticketTypes'>>[]>(
    ofOnePrice,
    ofTypes.map((ticketTypes) => ({ ticketTypes })),
  );
  const input = fc.tuple(common, pricing).map(([settings, prices]) => ({ ...settings, ...prices }));
  // Rounds of new bookings alone, because the engine decides these without reading bookings.
  const some = { minLength: 3, maxLength: 7, size: 'max' } as const;
  const steps = fc.oneof(fc.array(anyStep(base), some), fc.array(anyStep(base), some), fc.array(aBooking(), some));
  const script = fc.record({
    input,
    vouchers: vouchersOf(base),
    rounds: fc.array(steps, { minLength: rounds, maxLength: rounds }),
  });
  return fc.sample(script, { seed, numRuns: count });
}
