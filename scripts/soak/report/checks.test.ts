import { describe, expect, test } from 'vitest';
import type { Sample } from '../samples.ts';
import { checksOf, FEWEST_SAMPLES } from './checks.ts';

const COUNT = 40;

/** A sample of a run that is as it should be: history grows with the bookings, everything else stays. */
function steady(index: number): Sample {
  const bookings = index * 100;
  return {
    seconds: index * 15,
    bookings,
    server: { memoryMiB: 200, handles: 120 },
    database: { memoryMiB: 300 + index * 20, handles: 200 },
    documents: { bookings, ledger: bookings * 2, jobs: bookings, sessions: 61, leases: 1 },
    dueJobs: 12,
  };
}

/** The names of what grows in a run whose samples were changed by `change`. */
function growing(change: (sample: Sample, index: number) => Partial<Sample> = () => ({}), count = COUNT): string[] {
  const samples = Array.from({ length: count }, (_, index) => steady(index + 1));
  const changed = samples.map((sample, index) => ({ ...sample, ...change(sample, index) }));
  return checksOf(changed)
    .filter(({ isFine }) => !isFine)
    .map(({ what }) => what);
}

describe('the checks of a soak', () => {
  test('find no growth in a steady run, in which history grows with the bookings', () => {
    expect(growing()).toEqual([]);
    expect(growing(() => ({}), FEWEST_SAMPLES)).toEqual([]);
  });

  test('compare the medians of the second and the last quarter', () => {
    const [memory] = checksOf(Array.from({ length: COUNT }, (_, index) => ({ ...steady(1), server: use(index) })));
    expect(memory).toMatchObject({ what: 'memory of the server, MiB', early: 15, late: 35, most: 15 * 1.15 + 32 });
  });

  test.each<[string, (sample: Sample, index: number) => Partial<Sample>]>([
    ['memory of the server, MiB', ({ server }, index) => ({ server: { ...server, memoryMiB: 200 + index * 4 } })],
    ['open files of the server', ({ server }, index) => ({ server: { ...server, handles: 120 + index * 2 } })],
    ['open files of the database', ({ database }, index) => ({ database: { ...database, handles: 200 + index * 3 } })],
    ['jobs that are due', (_, index) => ({ dueJobs: index * 10 })],
    ['documents in sessions', ({ documents }, index) => ({ documents: { ...documents, sessions: 61 + index } })],
    [
      'documents for each booking',
      ({ documents }, index) => ({
        documents: { ...documents, jobs: (documents['bookings'] ?? 0) * (1 + index / 20) },
      }),
    ],
  ])('find that it is %s that grow', (what, change) => {
    expect(growing(change)).toEqual([what]);
  });

  test('ignore the first quarter, in which a server warms up, and a single outlier', () => {
    expect(growing(({ server }, index) => (index < COUNT / 4 ? { server: { ...server, memoryMiB: 20 } } : {}))).toEqual(
      [],
    );
    expect(
      growing(({ server }, index) => (index === COUNT - 3 ? { server: { ...server, memoryMiB: 900 } } : {})),
    ).toEqual([]);
  });
});

function use(index: number): Sample['server'] {
  return { memoryMiB: index, handles: 1 };
}
