// What the values of settings must look like, and what some mean together; used by config.ts alone.
import { isIP } from 'node:net';
import { canonicalEmail } from '#shared/text/email.ts';

/** Parses an http or https URL; null for others, such as javascript: and data:, because it becomes a link on pages. */
export function webUrl(value: string): URL | null {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/]/i.test(value) ? url : null;
}

export function isOrigin(value: string): boolean {
  const url = webUrl(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  // Checks the text itself, because "https://host?" and "https://host/." also parse to a bare origin.
  return /^https?:\/\/[^/?#\\]+\/?$/i.test(value);
}

/** Refuses the publishable key and the webhook's secret, which are on the same page of Stripe's dashboard. */
export function isStripeKey(value: string): boolean {
  return /^(?!pk_|whsec_)\S+$/.test(value);
}

export function isSigningSecret(value: string): boolean {
  return /^(?![prs]k_)\S+$/.test(value);
}

export function isMongoUri(value: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/\s]+/.test(value);
}

export function isSmtpUrl(value: string): boolean {
  return /^smtps?:\/\/[^/\s]+/.test(value) && URL.canParse(value);
}

export function isMailSender(value: string): boolean {
  if (/[\p{Cc}]/u.test(value)) return false;
  const address = /^[^<>]*<([^<>]+)>$/.exec(value)?.[1] ?? value;
  return canonicalEmail(address) !== null;
}

export function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** A number from 0 to 1. */
export function isShare(value: string): boolean {
  return /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(value);
}

export function isOneLine(longest: number): (value: string) => boolean {
  return (value) => value.length <= longest && !/[\p{Cc}\u2028\u2029]/u.test(value);
}

export function isReceiptPrefix(value: string): boolean {
  return /^[A-Z\d-]{1,12}$/.test(value);
}

/** Who sells, by the names of the settings. */
type SellerSettings = Partial<Record<(typeof SELLER)[number], string | undefined>>;
const SELLER = ['SELLER_NAME', 'SELLER_ADDRESS', 'SELLER_TAX_ID'] as const;

/** An invoice names all three. */
export function sellerConflictsOf(settings: SellerSettings): string[] {
  const missing = SELLER.filter((name) => settings[name] === undefined);
  if (missing.length === 0 || missing.length === SELLER.length) return [];
  return [`${missing.join(' and ')} must be set as well: ${SELLER.join(', ')} belong together, or none is set.`];
}

/** What receipts say of the seller, and how they are numbered. */
export function toReceiptSettings(
  settings: SellerSettings & { SELLER_NOTE?: string | undefined; RECEIPT_PREFIX: string },
) {
  const { SELLER_NAME: name, SELLER_ADDRESS: address, SELLER_TAX_ID: taxId } = settings;
  const isKnown = name !== undefined && address !== undefined && taxId !== undefined;
  const seller = isKnown ? { name, address, taxId } : null;
  return { series: settings.RECEIPT_PREFIX, seller, note: settings.SELLER_NOTE ?? null };
}

type StripeValues = Partial<
  Record<'STRIPE_SECRET_KEY' | 'STRIPE_WEBHOOK_SECRET' | 'STRIPE_API_BASE', string | undefined>
>;

/** What Stripe needs if payments go through it. */
export function stripeConflictsOf(settings: StripeValues & { PAYMENTS?: string | undefined }): string[] {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: base } = settings;
  const needed = settings.PAYMENTS === 'stripe' ? (['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const) : [];
  const missing = needed.filter((name) => settings[name] === undefined);
  const found = missing.map((name) => `${name} must be set when PAYMENTS is stripe.`);
  if (/^.k_live_/.test(key ?? '') && base?.startsWith('http:'))
    found.push('STRIPE_API_BASE must start with https:// if STRIPE_SECRET_KEY is a live key.');
  return found;
}

/** Independent of PAYMENTS: a payment by Stripe is refunded by Stripe, even after a change of that setting. */
export function toStripe({
  STRIPE_SECRET_KEY: secretKey,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
  STRIPE_API_BASE: base,
}: StripeValues) {
  if (secretKey === undefined || webhookSecret === undefined) return null;
  return { secretKey, webhookSecret, apiBase: base ?? null };
}
