import { measureLoneBuyer } from '../lone-buyer/lone-buyer.ts';
import { measureOverload } from '../overload/overload.ts';
import type { GroupContext, GroupFigures } from './group.ts';

/** One buyer on an idle server: M5. */
export async function measureLone({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  const { rounds } = await measureLoneBuyer({ ...sizes, profile: null }, signal, log);
  const of = (percentile: 'p50' | 'p99') =>
    rounds.map(({ bookingMs, transactionMs }) => ({
      value: bookingMs[percentile],
      baseline: transactionMs[percentile],
    }));
  return { rounds: { 'M5 p50': of('p50'), 'M5 p99': of('p99') } };
}

/** Four times the load that the server can take: M6. */
export async function measureFull({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  const { rounds } = await measureOverload({ ...sizes, sockets: sizes.crowd, profile: null }, signal, log);
  return {
    rounds: {
      M6: rounds.map(({ saturation, overload }) => ({
        value: overload.bookings / overload.seconds,
        baseline: saturation.bookings / saturation.seconds,
      })),
      'M6 refusals': rounds.map(({ overload }) => ({ value: overload.refusalMs.p99, baseline: null })),
    },
  };
}
