import { describe, expect, test } from 'vitest';
import { isPushEndpoint, publicLookup } from './endpoint.ts';

describe('the endpoint of a push service', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAA',
    'https://web.push.apple.com/QGx',
    'https://wns2-par02p.notify.windows.com/w/?token=BQ',
  ])('may be %s', (endpoint) => {
    expect(isPushEndpoint(endpoint)).toBe(true);
  });

  test.each([
    'http://push.example.org/x',
    'https://push.example.org:8443/x',
    'https://user:secret@push.example.org/x',
    'https://localhost/x',
    'https://localhost./x',
    'https://printer/x',
    'https://db.internal/x',
    'https://box.local/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://10.0.0.1/x',
    'https://93.184.215.14/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'push.example.org',
    '',
  ])('must not be %s', (endpoint) => {
    expect(isPushEndpoint(endpoint)).toBe(false);
  });
});

/** Looks up an address in place of a host name, which needs no name server. */
function lookUp(hostname: string, options = {}): Promise<{ error: Error | null; address: unknown }> {
  return new Promise((resolve) => publicLookup(hostname, options, (error, address) => resolve({ error, address })));
}

describe('a private address', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
    '2002:7f00:1::',
    '',
  ])('is %s', async (address) => {
    expect((await lookUp(address)).error).toBeInstanceOf(Error);
  });

  test.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8'])(
    'is not %s',
    async (address) => {
      expect(await lookUp(address)).toEqual({ error: null, address });
    },
  );

  test.each([{}, { all: true }])('fails the lookup of a host name that resolves to it (%j)', async (options) => {
    expect((await lookUp('localhost', options)).error?.message).toBe('localhost resolves to a private address');
  });
});
