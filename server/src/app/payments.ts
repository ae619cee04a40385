import type { FastifyInstance } from 'fastify';
import type { Engine } from '#server/booking/engine/engine.ts';
import { createAccountPayments } from '#server/booking/payments/account-payments.ts';
import { createCheckouts } from '#server/booking/payments/checkouts.ts';
import { createRefunds } from '#server/booking/payments/refunds.ts';
import { createSelling } from '#server/booking/payments/selling.ts';
import { createSettlement } from '#server/booking/payments/settlement.ts';
import type { CommandResult } from '#server/booking/rules/command.ts';
import type { Seller } from '#server/booking/rules/payments/price.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import type { Sweep, SweepOptions } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { createDemo } from '#server/payments/demo/demo.ts';
import { createPaymentJobs } from '#server/payments/payment-jobs.ts';
import { createPoller } from '#server/payments/poller.ts';
import { createProviderGateway } from '#server/payments/provider-gateway.ts';
import type { PaymentProvider, Providers } from '#server/payments/provider.ts';
import { createReversalSweep } from '#server/payments/reversal-sweep.ts';
import { createReturnAddresses } from '#server/payments/return-address.ts';
import { createReturnPage } from '#server/payments/return-page.ts';
import { createStripe } from '#server/payments/stripe/stripe.ts';
import { createWebhooks } from '#server/payments/webhooks.ts';
import { withTimeout } from '#server/payments/with-timeout.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { Booking } from '#shared/booking.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { Result } from '#shared/protocol/errors.ts';

/** Shorter than the time limit of a command, and longer than a working provider takes to answer. */
const PROVIDER_TIMEOUT_MS = 8_000;
/** Payment jobs that run at once, because each waits for a provider. */
const JOB_LANES = 6;

/** What tests put between the server and its payment providers. */
export interface PaymentTestOptions {
  /** Wraps each provider. */
  provider?: (provider: PaymentProvider) => PaymentProvider;
  /** How long a provider may take to answer. */
  timeoutMs?: number;
}

interface PaymentsOptions {
  config: Config;
  models: Models;
  engine: Engine;
  /** Signs the return addresses of payment pages and the demo provider's webhooks. */
  secret: string;
  http: FastifyInstance;
  /** The public address of the site. */
  origin: () => string;
  /** The reply with the booking of a command's result. */
  reply: (result: CommandResult) => Result<Booking>;
  /** Names this process among all processes on the database. */
  holder: string;
  now: Now;
  random: () => number;
  sleepOrAbort: SleepOrAbort;
  log: Log;
  test?: PaymentTestOptions | undefined;
}

/** The provider that this server takes money by; null: it takes none. */
export function sellingProvider({
  payments,
  production,
}: Pick<Config, 'payments' | 'production'>): ProviderName | null {
  return payments ?? (production ? null : 'demo');
}

/** Payments: the providers, the gateway to them, and the settlement of payments with bookings. */
export function composePayments(options: PaymentsOptions) {
  const { config, models, engine, secret, http, origin, reply, holder, now, random, sleepOrAbort, log, test } = options;
  const webhookTarget = () => (http.server.listening ? `${loopbackUrl(http)}/api/webhooks/demo` : null);
  const demo = createDemo({ models, secret, origin, webhookTarget, now, log });
  const wrap = (provider: PaymentProvider) =>
    withTimeout(test?.provider?.(provider) ?? provider, test?.timeoutMs ?? PROVIDER_TIMEOUT_MS);
  const providers: Providers = { demo: wrap(demo.provider) };
  if (config.stripe !== null) {
    const { secretKey, webhookSecret, apiBase } = config.stripe;
    providers.stripe = wrap(createStripe({ secretKey, webhookSecret, apiBase, now }));
  }
  const provider = sellingProvider(config);

  const seller: Seller = {
    payments: config.payments,
    takesMoney: provider !== null,
  };
  const selling = createSelling({ models, seller, provider });

  const addresses = createReturnAddresses({ secret, origin });
  const gateway = createProviderGateway({ models, providers, settlement: createSettlement(engine), log });
  const webhooks = createWebhooks({ models, providers, gateway, now });
  const returnPage = createReturnPage({ models, gateway, addresses, log });
  const checkouts = createCheckouts({ models, engine, gateway, provider, addresses, log });

  const ofAccounts = createAccountPayments({ models, gateway, log });
  const handlers = createPaymentJobs({ models, gateway });
  const jobs = createJobRunner({ models, holder, handlers, lanes: JOB_LANES, now, random, sleepOrAbort, log });
  const refunds = createRefunds({ models, engine, reply, wake: jobs.wake, now });

  function start(sweeping: SweepOptions): Sweep {
    jobs.start();
    const sweeps = [
      startSweep(createPoller({ models, gateway, now, log }), sweeping),
      startSweep(createReversalSweep({ models, providers, gateway, now, log }), sweeping),
      // Without the lease: processes share this work by taking one webhook after the other.
      startSweep(demo.sweep, { sleepOrAbort, log }),
    ];
    return {
      async close(): Promise<void> {
        await Promise.all(sweeps.map((sweep) => sweep.close()));
        await jobs.close();
      },
    };
  }

  return { selling, checkouts, refunds, ofAccounts, webhooks, returnPage, demo, start, jobs, counts: gateway.counts };
}

/** The URL of this process for its own requests. Throws while the server does not listen. */
function loopbackUrl(http: FastifyInstance): string {
  const address = http.server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server does not listen');
  const host = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
