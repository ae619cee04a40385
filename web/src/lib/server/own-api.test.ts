import { expect, test } from 'vitest';
import { anonymousRequest, isOwnApi, ownApiOrigin } from './own-api.ts';

test('page data is loaded from the local address of the page’s request', () => {
  expect(ownApiOrigin({ localAddress: '127.0.0.1', localPort: 5000 }, 'https://x')).toBe('http://127.0.0.1:5000');
  expect(ownApiOrigin({ localAddress: '::ffff:127.0.0.1', localPort: 5000 }, 'https://x')).toBe(
    'http://127.0.0.1:5000',
  );
  expect(ownApiOrigin({ localAddress: '::1', localPort: 5000 }, 'https://x')).toBe('http://[::1]:5000');
});

test('without a socket, as in development, page data is loaded from the page’s origin', () => {
  expect(ownApiOrigin(undefined, 'http://localhost:5173')).toBe('http://localhost:5173');
  expect(ownApiOrigin({}, 'http://localhost:5173')).toBe('http://localhost:5173');
});

test('the request for page data has no cookie and no authorization', () => {
  const request = new Request('https://tickets.example/api/events?page=2', {
    headers: { cookie: 'session=secret', authorization: 'Bearer secret', 'x-forwarded-for': '203.0.113.7' },
  });
  const asked = anonymousRequest(request, 'http://127.0.0.1:5000');
  expect(asked.url).toBe('http://127.0.0.1:5000/api/events?page=2');
  expect(asked.method).toBe('GET');
  expect([...asked.headers.keys()]).toEqual(['accept']);
});

test('only a GET of the site’s own API is a request for page data', () => {
  const page = 'https://tickets.example';
  expect(isOwnApi(new Request(`${page}/api/events`), page)).toBe(true);
  expect(isOwnApi(new Request(`${page}/other`), page)).toBe(false);
  expect(isOwnApi(new Request('https://evil.example/api/events'), page)).toBe(false);
  expect(isOwnApi(new Request(`${page}/api/auth/login`, { method: 'POST' }), page)).toBe(false);
});
