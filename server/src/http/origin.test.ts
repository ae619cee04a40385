import { describe, expect, it } from 'vitest';
import { createOriginCheck } from './origin.ts';

describe('the origin check without PUBLIC_URL', () => {
  const isAllowed = createOriginCheck({ publicUrl: null, corsOrigins: ['https://shop.example.org'] });

  it.each<[string | undefined, string | undefined, boolean]>([
    [undefined, 'localhost:5000', true],
    ['http://localhost:5000', 'localhost:5000', true],
    ['http://LOCALHOST:5000', 'localhost:5000', true],
    ['https://localhost:5000', 'localhost:5000', true],
    ['http://192.168.1.7:5000', '192.168.1.7:5000', true],
    ['http://[::1]:5000', '[::1]:5000', true],
    ['http://tickets.example.org', 'tickets.example.org:80', true],
    ['https://tickets.example.org', 'tickets.example.org', true],
    ['https://shop.example.org', 'localhost:5000', true],
    ['http://localhost:5001', 'localhost:5000', false],
    ['http://localhost', 'localhost:5000', false],
    ['http://127.0.0.1:5000', 'localhost:5000', false],
    ['http://localhost:5000.evil.test', 'localhost:5000', false],
    ['http://localhost:50000', 'localhost:5000', false],
    ['https://shop.example.org.evil.test', 'localhost:5000', false],
    ['https://evilshop.example.org', 'localhost:5000', false],
    ['http://shop.example.org', 'localhost:5000', false],
    ['http://user@localhost:5000', 'localhost:5000', false],
    ['http://localhost:5000/path', 'localhost:5000', false],
    ['file://localhost:5000', 'localhost:5000', false],
    ['null', 'localhost:5000', false],
    ['', 'localhost:5000', false],
    ['http://localhost:5000, http://evil.test', 'localhost:5000', false],
    ['http://localhost:5000', undefined, false],
  ])('answers for Origin %s at Host %s: %s', (origin, host, allowed) => {
    expect(isAllowed({ origin, host })).toBe(allowed);
  });
});

describe('the origin check with PUBLIC_URL', () => {
  const isAllowed = createOriginCheck({ publicUrl: 'https://tickets.example.org', corsOrigins: [] });

  it.each<[string | undefined, boolean]>([
    [undefined, true],
    ['https://tickets.example.org', true],
    ['http://tickets.example.org', false],
    ['https://tickets.example.org:8443', false],
    ['https://tickets.example.org.evil.test', false],
    ['https://evil.test', false],
    ['null', false],
  ])('answers for Origin %s whatever the Host: %s', (origin, allowed) => {
    expect(isAllowed({ origin, host: 'tickets.example.org' })).toBe(allowed);
    expect(isAllowed({ origin, host: 'evil.test' })).toBe(allowed);
  });
});
