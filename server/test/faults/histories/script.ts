import fc from 'fast-check';
import type { EventInput } from '#shared/event.ts';
import type { Step } from '../../support/model/steps.ts';
import { aBooking, anyStep } from '../../support/model/steps.ts';

/** What is sold, and what people do with it in each round; between rounds time passes. */
export interface Script {
  input: Partial<EventInput>;
  rounds: Step[][];
}

/** So many scripts from one seed: the same for everybody. */
export function scripts(seed: number, count: number, base: Date, rounds: number): Script[] {
  const later = (minutes: number) => new Date(base.getTime() + minutes * 60_000).toISOString();
  const input = fc.record({
    price: fc.constantFrom({ amount: 0, currency: 'EUR' }, { amount: 2_000, currency: 'EUR' }),
    totalSeats: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 20 })),
    maxSeatsPerBooking: fc.integer({ min: 2, max: 5 }),
    maxSeatsPerUser: fc.option(fc.integer({ min: 2, max: 9 })),
    startsAt: fc.constant(later(600)),
    salesCloseAt: fc.integer({ min: 15, max: 300 }).map(later),
    offerMinutes: fc.constant(10),
    cancelBeforeHours: fc.constant(9),
  });
  // A rush of bookings is what the engine decides without reading.
  const some = { minLength: 3, maxLength: 7, size: 'max' } as const;
  const steps = fc.oneof(fc.array(anyStep(base), some), fc.array(anyStep(base), some), fc.array(aBooking(), some));
  const script = fc.record({ input, rounds: fc.array(steps, { minLength: rounds, maxLength: rounds }) });
  return fc.sample(script, { seed, numRuns: count });
}
