import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Sample } from './demo-samples.ts';
import { datesOf, SAMPLES } from './demo-samples.ts';
import { isRequestOf } from './prepare-sample.ts';

/** Marks the samples that an earlier version has stored without a mark, unless an organiser has edited them. */
export async function markStoredSamples({ models }: { models: Models }): Promise<void> {
  const unmarked = { requestId: { $regex: '^f2040000-' }, sample: { $exists: false } };
  for (const event of await models.events.find(unmarked).lean<EventDoc[]>()) {
    const sample = SAMPLES.find((one) => isRequestOf(one, event.requestId));
    const mark = { sample: sample !== undefined && isUnedited(event, sample) };
    await models.events.updateOne({ _id: event._id, revision: event.revision }, { $set: mark });
  }
}

/** Compares texts, seats and price, and the dates: those of a sample follow from the day of its last edit. */
function isUnedited(event: EventDoc, sample: Sample): boolean {
  const { title, description, venue, timeZone, totalSeats, price } = sample.event;
  const { startsAt, endsAt } = datesOf(sample, event.updatedAt);
  const expected = [title, description, venue, timeZone, totalSeats, price.amount, price.currency, startsAt, endsAt];
  const stored = [event.title, event.description, event.venue, event.timeZone, event.totalSeats];
  stored.push(
    event.price.amount,
    event.price.currency,
    event.startsAt.toISOString(),
    event.endsAt?.toISOString() ?? '',
  );
  return expected.every((value, index) => value === stored[index]);
}
