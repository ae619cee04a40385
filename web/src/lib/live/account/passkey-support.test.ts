import { expect, test } from 'vitest';
import { tolerantStorage } from '../text-storage.ts';
import { hasPasskeys, passkeyOffer } from './passkey-support.ts';

test.each([
  [
    'a secure page at a domain',
    { isSecureContext: true, PublicKeyCredential: class {}, hostname: 'example.org' },
    true,
  ],
  ['localhost', { isSecureContext: true, PublicKeyCredential: class {}, hostname: 'localhost' }, true],
  ['plain http', { isSecureContext: false, PublicKeyCredential: class {}, hostname: 'example.org' }, false],
  ['an IPv4 address', { isSecureContext: true, PublicKeyCredential: class {}, hostname: '127.0.0.1' }, false],
  ['an IPv6 address', { isSecureContext: true, PublicKeyCredential: class {}, hostname: '[::1]' }, false],
  ['a browser without WebAuthn', { isSecureContext: true, hostname: 'example.org' }, false],
])('passkeys of %s: %o are %s', (_where, { hostname, ...browser }, expected) => {
  expect(hasPasskeys({ ...browser, location: { hostname } })).toBe(expected);
});

test('an offer is answered once; without a storage it may be shown again', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
  expect(passkeyOffer.isAnswered(storage)).toBe(false);
  passkeyOffer.answer(storage);
  expect(passkeyOffer.isAnswered(storage)).toBe(true);
  const forbidden = tolerantStorage(() => {
    throw new Error('forbidden');
  });
  passkeyOffer.answer(forbidden);
  expect(passkeyOffer.isAnswered(forbidden)).toBe(false);
});
