import type { Config } from '#server/config.ts';
import type { StripeExamination } from '#server/payments/stripe/examine.ts';
import { WEBHOOK_EVENTS } from '#server/payments/stripe/webhook.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

type PaymentConfig = Pick<Config, 'payments' | 'production' | 'stripe' | 'publicUrl'>;

/** `stripe`: what Stripe says about the key; null if there is none. */
export function judgePayments(config: PaymentConfig, stripe: StripeExamination | null): Finding[] {
  const { payments, production } = config;
  if (stripe !== null && config.stripe !== null) return judgeStripe(config, config.stripe.secretKey, stripe);
  if (!production) return [good('payments', 'demo payments, which move no money')];
  if (payments === null)
    return [
      look('payments', 'PAYMENTS is not set, so events with a price are refused', 'Set PAYMENTS=stripe, or demo.'),
    ];
  return [look('payments', 'demo payments, which move no money', 'Set PAYMENTS=stripe to take money.')];
}

function judgeStripe(config: PaymentConfig, key: string, { keyFailure, endpoints }: StripeExamination): Finding[] {
  if (keyFailure !== null)
    return [
      wrong('payments', `Stripe refuses the key: ${keyFailure}`, 'Compare STRIPE_SECRET_KEY with the dashboard.'),
    ];
  const isTest = /^.k_test_/.test(key);
  const ofKey =
    isTest && config.production
      ? look('payments', 'Stripe takes the key, which is for tests: no money moves', 'Use a live key to take money.')
      : good('payments', 'Stripe takes the key');
  return [ofKey, judgeWebhook(config.publicUrl, endpoints)];
}

function judgeWebhook(publicUrl: string | null, endpoints: StripeExamination['endpoints']): Finding {
  const check = 'webhook';
  if (publicUrl === null) return look(check, 'PUBLIC_URL is not set, so its address is not known', 'Set PUBLIC_URL.');
  const url = `${publicUrl}/api/webhooks/stripe`;
  if (endpoints === null)
    return look(check, 'this key may not read the webhooks', `See in the dashboard that one goes to ${url}.`);
  const ours = endpoints.filter((endpoint) => endpoint.url === url);
  if (ours.length === 0) return wrong(check, `none goes to ${url}`, `Add one there for ${WEBHOOK_EVENTS.join(', ')}.`);
  const enabled = ours.filter(({ isEnabled }) => isEnabled);
  if (enabled.length === 0) return wrong(check, `that to ${url} is disabled`, 'Enable it in the dashboard.');
  const events = new Set(enabled.flatMap((endpoint) => endpoint.events));
  const missing = events.has('*') ? [] : WEBHOOK_EVENTS.filter((event) => !events.has(event));
  if (missing.length > 0) return wrong(check, `that to ${url} lacks events`, `Add ${missing.join(', ')}.`);
  return good(check, `goes to ${url} with every event`);
}
