import { isIP } from 'node:net';
import { refuse } from '#shared/protocol/errors.ts';

/** The site as passkeys know it (WebAuthn, "relying party"). */
export interface PasskeySite {
  /** The domain that passkeys are made for. They work on its pages and on those of its subdomains. */
  domain: string;
  /** The origins whose pages may use them here. */
  origins: string[];
}

/**
 * The relying party of a request: the host of PUBLIC_URL, or, while that is unset, the request's own `Host`. Null where
 * browsers have no passkeys: at an IP address, and for a request without a host.
 */
export function passkeySiteOf(publicUrl: string | null, host: string | undefined): PasskeySite | null {
  const addresses = publicUrl === null ? [`http://${host}`, `https://${host}`] : [publicUrl];
  const urls = host === undefined && publicUrl === null ? [] : addresses.map((address) => URL.parse(address));
  const domain = urls[0]?.hostname;
  if (domain === undefined || domain.startsWith('[') || isIP(domain) !== 0) return null;
  return { domain, origins: urls.flatMap((url) => url?.origin ?? []) };
}

export function noDomainRefusal() {
  const message = 'Browsers have passkeys only for pages at a domain, not at an IP address.';
  return refuse('INVALID_STATE', { message, details: { passkey: 'no_domain' } });
}
