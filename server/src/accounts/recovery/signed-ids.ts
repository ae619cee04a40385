import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Names the format; a later one can name another key, and links of this one stay valid beside it. */
const VERSION = '1';
const KEY_BYTES = 32;
/** 144 bits, which are 24 signs of base64url exactly: no sign has bits that a reader would ignore. */
const MAC_BYTES = 18;

const SIGNED = /^(1([\w-]{16}))\.([\w-]{24})$/;

/**
 * Ids that can be trusted when they return in a link: `1<id>.<mac>`, all in base64url, signed with a key that is derived
 * from `secret`. `purpose` binds the key to one use: a signature for another use is of no value.
 */
export function createSignedIds(secret: string, purpose: string) {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES)));

  /** The signed text of an id; `id`: 24 hexadecimal digits. */
  function sign(id: string): string {
    const body = VERSION + Buffer.from(id, 'hex').toString('base64url');
    return `${body}.${macOf(body)}`;
  }

  /** The id in a signed text; null for a text without a valid signature. */
  function idOf(text: string): string | null {
    const [, body, id, mac] = SIGNED.exec(text) ?? [];
    if (body === undefined || id === undefined || mac === undefined) return null;
    // As texts of one length, because different texts may decode to the same bytes.
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(body)))) return null;
    return Buffer.from(id, 'base64url').toString('hex');
  }

  function macOf(body: string): string {
    return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES).toString('base64url');
  }

  return { sign, idOf };
}
