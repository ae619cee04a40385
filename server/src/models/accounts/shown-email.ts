import { domainToUnicode } from 'node:url';

/** A stored address as people read it: its domain in its own letters instead of punycode. */
export function shownEmail(email: string): string {
  const domain = email.lastIndexOf('@') + 1;
  // Empty for what is no domain, such as the address of a deleted account.
  return email.slice(0, domain) + (domainToUnicode(email.slice(domain)) || email.slice(domain));
}
