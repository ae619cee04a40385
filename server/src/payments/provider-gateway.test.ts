import { Types } from 'mongoose';
import { expect, it } from 'vitest';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { CashierOptions } from './provider-gateway.ts';
import { createCashier } from './provider-gateway.ts';
import type { Till } from './settlement-port.ts';

it('counts what is told at the same time, each once', async () => {
  const answer = Promise.withResolvers<boolean>();
  const till = { declined: () => answer.promise } satisfies Pick<Till, 'declined'>;
  const cashier = createCashier({ till: till as unknown as Till } as CashierOptions);
  const payment = { _id: new Types.ObjectId() } as PaymentDoc;
  const told = [1, 2, 3].map(() => cashier.declined(payment, new Date()));
  answer.resolve(true);
  await Promise.all(told);
  expect(cashier.counts.declined).toBe(3);
});
