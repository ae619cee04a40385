import type { Booking } from '#shared/booking.ts';
import type { Random } from './chance.ts';
import { pickWeighted } from './chance.ts';
import type { Asking, BuyerSocket } from './connection.ts';
import { ask } from './connection.ts';
import type { Tally } from '../report/tally.ts';

/** What becomes of a hold with a price: paid at once, after a declined card, too late, or not at all. */
export const WAYS = ['pay', 'decline', 'abandon', 'late'] as const;
export type Way = (typeof WAYS)[number];

/** How often each way is chosen, as weights of any size. */
export type Payments = Record<Way, number>;

/** The demo provider's test cards. */
const PAYS = '4242424242424242';
const DECLINED = '4000000000000002';
const LATE = '4000000000000341';

export interface PayerDeps extends Asking {
  socket: BuyerSocket;
  tally: Tally;
  random: Random;
}

/** Goes to the payment page, as the buyer's browser would, and does there what the weights say. */
export async function payFor(
  deps: PayerDeps,
  { id: bookingId }: Pick<Booking, 'id'>,
  payments: Payments,
): Promise<void> {
  const way = pickWeighted(payments, WAYS, deps.random);
  const reply = await ask(deps.socket, 'checkout', { bookingId }, deps);
  if (!reply?.ok) return;
  deps.tally.paid(way);
  if (way === 'decline') await useCard(reply.data.url, DECLINED);
  if (way === 'pay' || way === 'decline') await useCard(reply.data.url, PAYS);
  if (way === 'late') await useCard(reply.data.url, LATE);
}

/** The page's form, sent without looking at it; where it leads back to does not matter here. */
async function useCard(url: string, card: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card }).toString(),
    redirect: 'manual',
  });
  await response.body?.cancel();
}
