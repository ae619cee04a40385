import type { ProviderName } from '#shared/checkout.ts';
import type { PaymentProvider } from './provider.ts';

/** The providers of this server by name. Payments of one that is not set up any more wait until it is again. */
export type Providers = Partial<Record<ProviderName, PaymentProvider>>;

export function providerOf(providers: Providers, name: ProviderName): PaymentProvider {
  const provider = providers[name];
  if (!provider) throw new Error(`Payments by ${name} are not set up on this server`);
  return provider;
}
