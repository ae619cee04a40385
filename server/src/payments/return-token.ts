import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits. */
const MAC_BYTES = 16;

/**
 * What a buyer comes back with from the provider, in whatever browser: it shows what became of one attempt to pay, and
 * nothing else.
 */
export function createReturnTokens(secret: string) {
  function sign(paymentId: string): string {
    return `${paymentId}.${macOf(paymentId).toString('base64url')}`;
  }

  /** The payment that a token of ours names; null for any other text. */
  function read(token: string): string | null {
    const [paymentId = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || !/^[0-9a-f]{24}$/.test(paymentId)) return null;
    const given = Buffer.from(signature, 'base64url');
    return given.length === MAC_BYTES && timingSafeEqual(given, macOf(paymentId)) ? paymentId : null;
  }

  function macOf(paymentId: string): Buffer {
    return createHmac('sha256', secret).update(`return ${paymentId}`).digest().subarray(0, MAC_BYTES);
  }

  return { sign, read };
}

export type ReturnTokens = ReturnType<typeof createReturnTokens>;
