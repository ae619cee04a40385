import type { FigureRound } from '../all/figure.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { bookingRate } from '../bookings/raw-loop-report.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import { openSale } from './sale.ts';

/** Two servers that sell one event, against one server with a database of its own: M12. */
export async function measureTwoServers({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  const { rounds, seconds, sockets } = sizes;
  await using cleanup = new AsyncDisposableStack();
  const one = await openSale({ buyers: sockets, signal });
  cleanup.defer(() => one.close());
  const two = await openSale({ buyers: sockets * 2, servers: 2, signal });
  cleanup.defer(() => two.close());
  for (const sale of [one, two]) await sale.book(Math.min(WARM_UP_SECONDS, seconds));
  const rates: FigureRound[] = [];
  const slowest: FigureRound[] = [];
  while (rates.length < rounds) {
    const alone = await one.book(seconds);
    const together = await two.book(seconds);
    rates.push({ value: bookingRate(together), baseline: bookingRate(alone) });
    slowest.push({ value: Math.max(...together.servers.map(({ latencyMs }) => latencyMs.p99)), baseline: null });
    log(`round ${rates.length}: two ${Math.round(bookingRate(together))}/s, one ${Math.round(bookingRate(alone))}/s`);
  }
  for (const sale of [one, two]) await sale.finish();
  return { rounds: { M12: rates, 'M12 p99': slowest } };
}
