import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import { createDelivery } from './deliver.ts';
import type { DemoModels } from './demo-provider.ts';
import { createDemoProvider } from './demo-provider.ts';
import { createTestCards } from './test-cards.ts';

const TICK_MS = 1_000;

interface DemoOptions {
  models: DemoModels;
  /** Signs the webhooks. */
  secret: string;
  /** The public origin of the demo provider's pages. */
  origin: () => string;
  /** The address that receives the webhooks; null while the server does not listen. */
  webhookTarget: () => string | null;
  now: Now;
  log: Log;
}

/** The demo provider, the test cards of its payment page, and the sweep that completes payments and sends webhooks. */
export function createDemo({ models, secret, origin, webhookTarget, now, log }: DemoOptions) {
  const delivery = createDelivery({ models, secret, target: webhookTarget, now, log });
  const wake = () => {
    delivery
      .deliverDue()
      .catch((error: unknown) => log.warn({ err: error }, 'The demo provider could not deliver its webhooks'));
  };
  const testCards = createTestCards({ models, now, wake });
  return {
    provider: createDemoProvider({ models, secret, origin, now }),
    testCards,
    sweep: {
      everyMs: TICK_MS,
      failure: 'The demo provider failed and will be retried',
      async sweep(): Promise<number> {
        await testCards.completeDue();
        await delivery.deliverDue();
        return TICK_MS;
      },
    },
  };
}
