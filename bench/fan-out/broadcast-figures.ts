import type { GroupContext, GroupFigures } from '../all/group.ts';
import { deliveryRounds } from './deliveries.ts';
import { watchedBookingsRounds } from './watched-bookings.ts';

/** Deliveries for each processor-second, against a bare `ws` loop: M7. */
export async function measureBroadcast({ sizes, log }: GroupContext): Promise<GroupFigures> {
  const { rounds, seconds, audience } = sizes;
  const measured = await deliveryRounds({ watchers: audience, seconds, rounds }, log);
  return { rounds: { M7: measured.map(({ server, bare }) => ({ value: server, baseline: bare })) } };
}

/** Bookings beside watchers, against bookings without: M8. */
export async function measureWatchedSale({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  const measured = await watchedBookingsRounds(sizes, signal, log);
  return {
    rounds: {
      M8: measured.map(({ watched, alone }) => ({
        value: watched.bookingsPerSecond,
        baseline: alone.bookingsPerSecond,
      })),
      'M8 p99': measured.map(({ watched, alone }) => ({ value: watched.p99Ms, baseline: alone.p99Ms })),
    },
  };
}
