import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'demo-signature';
/** How long a signature is valid, so that a recorded webhook cannot be replayed later. */
const TOLERANCE_MS = 300_000;

/** "t=<ms>,v1=<hex>": an HMAC over time and body. */
export function signBody(secret: string, body: string, at: Date): string {
  return `t=${at.getTime()},v1=${macOf(secret, at.getTime(), Buffer.from(body)).toString('hex')}`;
}

/** Whether these exact bytes were signed with this secret, within the tolerance. */
export function isSigned(secret: string, body: Buffer, header: string | undefined, now: Date): boolean {
  const [, time = '', hex = ''] = /^t=(\d{1,16}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (hex === '' || Math.abs(now.getTime() - Number(time)) > TOLERANCE_MS) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), macOf(secret, Number(time), body));
}

function macOf(secret: string, ms: number, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(`demo ${ms}.`).update(body).digest();
}
