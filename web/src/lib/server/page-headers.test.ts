import { expect, test } from 'vitest';
import { withPageHeaders } from './page-headers.ts';

test('a page keeps its own Content-Security-Policy', () => {
  const policy = "default-src 'none'; script-src 'self'";
  const page = withPageHeaders(new Response('', { headers: { 'content-security-policy': policy } }));
  expect(page.headers.get('content-security-policy')).toBe(policy);
  expect(page.headers.get('x-frame-options')).toBe('DENY');
});

test('a response without a Content-Security-Policy may load nothing and may not be framed', () => {
  const policy = withPageHeaders(new Response('')).headers.get('content-security-policy');
  expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
});
