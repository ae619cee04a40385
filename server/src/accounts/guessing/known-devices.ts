import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Now } from '#server/clock.ts';

/** Browsers keep a cookie for at most 400 days. */
const LIFETIME_MS = 365 * 86_400_000;
/** Accounts that one browser is known for; the one that signed in longest ago is dropped first. */
const MOST_MARKS = 4;
const SEPARATOR = '!';

/** The marks of a browser, one per account that has signed in on it, as its cookie keeps them. */
interface DeviceMarks {
  value: string;
  expires: Date;
}

export type KnownDevices = ReturnType<typeof createKnownDevices>;

/**
 * Recognises the browsers on which an account has signed in before, by a mark in a cookie: the account's id, a random id
 * of the device, an expiry, and a signature over them. The server stores nothing.
 */
export function createKnownDevices({ secret, now }: { secret: string; now: Now }) {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  function deviceIn(mark: string, userId: string): string | null {
    const [owner = '', deviceId = '', expires = '', signature = ''] = mark.split('.');
    if (owner !== userId || !isEqual(signature, sign(`${owner}.${deviceId}.${expires}`))) return null;
    return Number(expires) > now().getTime() ? deviceId : null;
  }

  /** The id of this device if the account has signed in on it, else null. */
  function deviceId(marks: string, userId: string): string | null {
    const known = marks.split(SEPARATOR).slice(0, MOST_MARKS);
    return known.map((mark) => deviceIn(mark, userId)).find((found) => found !== null) ?? null;
  }

  /** The marks of a device on which this account has just signed in; a known device keeps its id. */
  function withAccount(marks: string, userId: string): DeviceMarks {
    const id = deviceId(marks, userId) ?? randomBytes(16).toString('base64url');
    const expires = new Date(now().getTime() + LIFETIME_MS);
    const text = `${userId}.${id}.${expires.getTime()}`;
    const kept = [`${text}.${sign(text)}`, ...others(marks, userId)].slice(0, MOST_MARKS);
    return { value: kept.join(SEPARATOR), expires };
  }

  return { deviceId, withAccount };
}

function others(marks: string, userId: string): string[] {
  return marks.split(SEPARATOR).filter((mark) => mark !== '' && !mark.startsWith(`${userId}.`));
}

function isEqual(one: string, other: string): boolean {
  const [bytes, otherBytes] = [Buffer.from(one), Buffer.from(other)];
  return bytes.length === otherBytes.length && timingSafeEqual(bytes, otherBytes);
}
