import { expect, test } from 'vitest';
import { passkeySiteOf } from './passkey-site.ts';

test.each([
  ['https://tickets.example.org', 'evil.example', 'tickets.example.org', ['https://tickets.example.org']],
  ['https://tickets.example.org:8443', undefined, 'tickets.example.org', ['https://tickets.example.org:8443']],
  [null, 'localhost:5000', 'localhost', ['http://localhost:5000', 'https://localhost:5000']],
  [
    null,
    'Tickets.Example.org:443',
    'tickets.example.org',
    ['http://tickets.example.org:443', 'https://tickets.example.org'],
  ],
])('passkeys of PUBLIC_URL %s and the host %s are for %s', (publicUrl, host, domain, origins) => {
  expect(passkeySiteOf(publicUrl, host)).toEqual({ domain, origins });
});

test.each([
  [null, undefined],
  [null, '127.0.0.1:5000'],
  [null, '[::1]:5000'],
  [null, 'no host/'],
  [null, ''],
  ['http://192.0.2.1:5000', 'localhost'],
])('PUBLIC_URL %s and the host %s have no passkeys', (publicUrl, host) => {
  expect(passkeySiteOf(publicUrl, host)).toBeNull();
});
