import fc from 'fast-check';
import type { EventInput } from '#shared/event.ts';
import type { Step } from '../../support/model/steps.ts';
import { aBooking, anyStep } from '../../support/model/steps.ts';

/** An event and the steps of its clients in each round; time passes between rounds. */
export interface Script {
  input: Partial<EventInput>;
  rounds: Step[][];
}

/** `count` scripts from one seed: the same scripts on every machine. */
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
  // Rounds of new bookings alone, because the engine decides these without reading bookings.
  const some = { minLength: 3, maxLength: 7, size: 'max' } as const;
  const steps = fc.oneof(fc.array(anyStep(base), some), fc.array(anyStep(base), some), fc.array(aBooking(), some));
  const script = fc.record({ input, rounds: fc.array(steps, { minLength: rounds, maxLength: rounds }) });
  return fc.sample(script, { seed, numRuns: count });
}
