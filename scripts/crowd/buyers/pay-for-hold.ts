import type { Booking } from '#shared/booking.ts';
import type { BuyerSocket, RetryDeps } from './connection.ts';
import { sendWithRetries } from './connection.ts';
import type { Random } from './random-choice.ts';
import { pickWeighted } from './random-choice.ts';
import type { Tally } from '../report/tally.ts';

/** How a buyer pays for a hold: at once, after a declined card, after the end of the hold, or not at all. */
export const PAYMENT_CHOICES = ['pay', 'decline', 'abandon', 'late'] as const;
export type PaymentChoice = (typeof PAYMENT_CHOICES)[number];

/** How often each way to pay is chosen, as weights of any size. */
export type PaymentMix = Record<PaymentChoice, number>;

/** Test cards of the demo provider. */
const PAYING_CARD = '4242424242424242';
const DECLINED_CARD = '4000000000000002';
const LATE_CARD = '4000000000000341';

interface PayForHoldDeps extends RetryDeps {
  socket: BuyerSocket;
  tally: Tally;
  random: Random;
}

/** Starts a checkout of a held booking and submits cards to its demo payment page, by the weights. */
export async function payForHold(
  deps: PayForHoldDeps,
  { id: bookingId }: Pick<Booking, 'id'>,
  mix: PaymentMix,
): Promise<void> {
  const choice = pickWeighted(mix, PAYMENT_CHOICES, deps.random);
  const reply = await sendWithRetries(deps.socket, 'checkout', { bookingId }, deps);
  if (!reply?.ok) return;
  deps.tally.paymentChosen(choice);
  if (choice === 'decline') await submitCard(reply.data.url, DECLINED_CARD);
  if (choice === 'pay' || choice === 'decline') await submitCard(reply.data.url, PAYING_CARD);
  if (choice === 'late') await submitCard(reply.data.url, LATE_CARD);
}

/** Posts the form of the payment page, and does not follow its redirect. */
async function submitCard(url: string, card: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card }).toString(),
    redirect: 'manual',
  });
  await response.body?.cancel();
}
