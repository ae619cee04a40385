import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits. */
const MAC_BYTES = 16;

/**
 * Signed tokens in the address to which the provider sends the buyer back, in any browser. A token shows the outcome of
 * one payment attempt, and nothing else.
 */
export function createReturnTokens(secret: string) {
  function sign(paymentId: string): string {
    return `${paymentId}.${macOf(paymentId).toString('base64url')}`;
  }

  /** The id of the token's payment; null for a text without a valid signature. */
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
