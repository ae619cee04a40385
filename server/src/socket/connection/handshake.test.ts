import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAddressOf, tokenOf } from './handshake.ts';

describe('the token of a handshake', () => {
  const headers = { authorization: 'Bearer from-header', cookie: 'theme=dark; session=from-cookie; x=1' };

  it('is auth.token, else the bearer token, else the session cookie', () => {
    expect(tokenOf({ auth: { token: 'from-auth' }, headers })).toBe('from-auth');
    expect(tokenOf({ auth: {}, headers })).toBe('from-header');
    expect(tokenOf({ auth: { token: null }, headers: { cookie: headers.cookie } })).toBe('from-cookie');
    expect(tokenOf({ auth: {}, headers: { cookie: 'session="quoted"' } })).toBe('quoted');
    expect(tokenOf({ auth: {}, headers: { authorization: 'Basic YTpi', cookie: 'sessions=other' } })).toBeNull();
  });

  it.each([[{ $ne: null }], [42], [['a']], [true]])(
    'in auth that is no string (%j) counts as wrong, whatever the headers carry',
    (token) => {
      expect(tokenOf({ auth: { token }, headers })).toBeNull();
    },
  );
});

describe('the address of a client', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded ? { 'x-forwarded-for': forwarded } : {},
    }) as unknown as IncomingMessage;

  it('is the address of the peer, whatever a direct client forwards', () => {
    expect(createAddressOf([])(request('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
    expect(createAddressOf(['10.0.0.0/8'])(request('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
  });

  it('is what a trusted proxy forwards, read from the right: entries further left may be forged', () => {
    const addressOf = createAddressOf(['10.0.0.0/8']);
    expect(addressOf(request('10.1.2.3', '1.1.1.1, 198.51.100.1'))).toBe('198.51.100.1');
    expect(addressOf(request('::ffff:10.1.2.3', '198.51.100.1, 10.9.9.9'))).toBe('198.51.100.1');
  });

  it('is the same for both forms of an IPv4 address, and for all addresses of an IPv6 customer network', () => {
    const addressOf = createAddressOf([]);
    expect(addressOf(request('::ffff:203.0.113.9'))).toBe('203.0.113.9');
    expect(addressOf(request('2001:db8:1:2:aaaa::1'))).toBe(addressOf(request('2001:DB8:1:2::ffff')));
    expect(addressOf(request('2001:db8:1:3::1'))).not.toBe(addressOf(request('2001:db8:1:2::1')));
    expect(addressOf(request('::1'))).toBe('0:0:0:0');
  });

  it('has at most 45 characters, whatever a proxy forwards', () => {
    expect(createAddressOf(['10.0.0.1'])(request('10.0.0.1', 'x'.repeat(4_000))).length).toBeLessThanOrEqual(45);
  });
});
