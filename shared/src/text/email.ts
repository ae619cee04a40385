import { z } from 'zod';

/** RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const MAX_LENGTH = 254;

/** A valid address by the HTML standard ("valid e-mail address"), which browsers check fields against. */
const VALID_ADDRESS =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/**
 * The one form of an address, in which it is stored, compared and mailed to: in lower case, with the domain's letters
 * beyond ASCII as punycode (IDNA). Null if it is no address.
 */
export function canonicalEmail(typed: string): string | null {
  const at = typed.lastIndexOf('@');
  const domain = asciiDomain(typed.slice(at + 1));
  if (at < 1 || domain === null) return null;
  const address = `${typed.slice(0, at)}@${domain}`.toLowerCase();
  return address.length <= MAX_LENGTH && VALID_ADDRESS.test(address) ? address : null;
}

/** A domain as punycode: "пример.рф" becomes "xn--e1afmkfd.xn--p1ai". ASCII stays; null if IDNA forbids it. */
export function asciiDomain(domain: string): string | null {
  if (/^[\0-\x7f]*$/.test(domain)) return domain;
  // An address on the web may have more than a domain: user, port, path.
  if (/[\s@:/?#\\[\]%]/.test(domain)) return null;
  const url = `http://${domain}`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}

/** An address as somebody types it; parsed to its canonical form. */
export const email = z
  .string()
  .max(MAX_LENGTH)
  .overwrite((typed) => canonicalEmail(typed) ?? typed)
  .refine((typed) => canonicalEmail(typed) !== null, 'Expected an email address');
