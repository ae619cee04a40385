import { Types } from 'mongoose';
import { expect, it } from 'vitest';
import type { PaymentDoc } from '#server/models/payment.ts';
import { createProviderGateway } from './provider-gateway.ts';
import type { SettlementPort } from './settlement-port.ts';

it('a provider gateway counts each of several concurrent reports once', async () => {
  const answer = Promise.withResolvers<boolean>();
  const settlement = { declined: () => answer.promise } satisfies Pick<SettlementPort, 'declined'>;
  const gateway = createProviderGateway({
    settlement: settlement as unknown as SettlementPort,
  } as Parameters<typeof createProviderGateway>[0]);
  const payment = { _id: new Types.ObjectId() } as PaymentDoc;
  const reports = [1, 2, 3].map(() => gateway.declined(payment, new Date()));
  answer.resolve(true);
  await Promise.all(reports);
  expect(gateway.counts.declined).toBe(3);
});
