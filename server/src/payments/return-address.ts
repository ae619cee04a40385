import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Locale } from '#shared/account.ts';

/** 128 bits. */
const MAC_BYTES = 16;

interface ReturnAddressOptions {
  /** Signs the tokens. */
  secret: string;
  /** The public address of the site. */
  origin: () => string;
}

/**
 * The addresses to which a provider sends the buyer back, in any browser. The token in one shows the outcome of one
 * payment attempt, and nothing else.
 */
export function createReturnAddresses({ secret, origin }: ReturnAddressOptions) {
  /** The page that shows the outcome of a payment attempt. */
  function urlOf(paymentId: string, locale: Locale): string {
    const token = `${paymentId}.${macOf(paymentId).toString('base64url')}`;
    return `${origin()}${locale === 'en' ? '' : `/${locale}`}/paid?token=${token}`;
  }

  /** The id of the token's payment attempt; null for a text without a valid signature. */
  function paymentOf(token: string): string | null {
    const [paymentId = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || !/^[0-9a-f]{24}$/.test(paymentId)) return null;
    const given = Buffer.from(signature, 'base64url');
    return given.length === MAC_BYTES && timingSafeEqual(given, macOf(paymentId)) ? paymentId : null;
  }

  function macOf(paymentId: string): Buffer {
    return createHmac('sha256', secret).update(`return ${paymentId}`).digest().subarray(0, MAC_BYTES);
  }

  return { urlOf, paymentOf };
}

export type ReturnAddresses = ReturnType<typeof createReturnAddresses>;
