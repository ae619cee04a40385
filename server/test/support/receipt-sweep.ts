import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '#server/app/app.ts';
import { readConfig } from '#server/config.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import { createWithTransaction } from '#server/mongo/with-transaction.ts';
import { createReceiptSweep } from '#server/receipts/receipt-sweep.ts';
import { createReceipts } from '#server/receipts/receipts.ts';

/** The sweep of receipts of a server that is not started, which plays a process of its own. */
export function receiptSweepOf({ models, now }: Pick<App, 'models' | 'now'>): SweepTask {
  const withTransaction = createWithTransaction({
    client: models.payments.db.getClient(),
    monotonic: () => performance.now(),
    sleepBeforeReplay: () => sleep(5),
  });
  const receipts = createReceipts({ models, withTransaction, settings: readConfig({}).receipts, now });
  return createReceiptSweep({ models, receipts, now });
}
