import { expect, test } from 'vitest';
import { withPageHeaders } from './page-headers.ts';

test('a page keeps its own Content-Security-Policy', () => {
  const policy = "default-src 'none'; script-src 'self'";
  const page = withPageHeaders(new Response('', { headers: { 'content-security-policy': policy } }), '/');
  expect(page.headers.get('content-security-policy')).toBe(policy);
  expect(page.headers.get('x-frame-options')).toBe('DENY');
});

test('a response without a Content-Security-Policy may load nothing and may not be framed', () => {
  const policy = withPageHeaders(new Response(''), '/').headers.get('content-security-policy');
  expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
});

test('a page whose address is a secret names it to no other site, and may not be kept', () => {
  for (const path of ['/t/1abc', '/de/t/1abc']) {
    const { headers } = withPageHeaders(new Response(''), path);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-frame-options')).toBe('DENY');
  }
  for (const path of ['/reminders/1abc', '/de/reminders/1abc']) {
    const { headers } = withPageHeaders(new Response(''), path);
    expect(headers.get('referrer-policy'), 'its form needs the origin').toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  }
  for (const path of ['/', '/tickets/1', '/de', '/events/t/']) {
    const { headers } = withPageHeaders(new Response(''), path);
    expect(headers.get('x-robots-tag')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-cache');
  }
});
