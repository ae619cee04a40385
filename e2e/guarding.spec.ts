import { randomUUID } from 'node:crypto';
import { request as ask } from 'node:http';
import { createEvent, newWord } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { expect, test } from './site/test.ts';

/** A page asked for with headers that `fetch` would not send. */
function rawPage(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { headers, setHost: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

test('every page forbids foreign scripts, frames and guessing', async ({ site, request }) => {
  const event = await createEvent(site.organiser);
  const paths = ['/', '/de', `/events/${event.id}`, '/login', '/register', '/bookings', '/admin', '/nowhere'];
  const more = [
    '/account',
    '/forgot',
    '/reset?token=x',
    '/verify?token=x',
    `/tickets/${event.id}`,
    '/offline',
    '/design',
    '/events/000000000000000000000000',
    `/de/events/${event.id}`,
  ];
  for (const path of [...paths, ...more]) {
    const headers = (await request.get(path)).headers();
    const policy = headers['content-security-policy'] ?? '';
    const scripts = /(?:^|;)\s*script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(scripts, path).toContain("'self'");
    expect(scripts, path).not.toMatch(/unsafe|\*|https?:/);
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toContain("base-uri 'none'");
    expect(policy, path).toContain("object-src 'none'");
    expect(policy, path).toContain("worker-src 'self'");
    expect(policy, path).toContain("form-action 'self'");
    expect(policy, path).not.toContain("'unsafe-inline'");
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringMatching(/camera=\(\).*geolocation=\(\).*microphone=\(\)/),
    });
  }
});

test('the payment page runs its clock alone, and cannot be framed', async ({ site, request }) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const held = await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  const { url } = await site.organiser.must('checkout', { bookingId: held.id });
  const headers = (await request.get(url)).headers();
  const policy = headers['content-security-policy'] ?? '';
  const parts = ["default-src 'none'", "img-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"];
  for (const part of [...parts, "form-action 'self'"]) expect(policy).toContain(part);
  expect(policy).toMatch(/; script-src 'sha256-[\w+/]{43}=';/);
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'permissions-policy': expect.stringMatching(/camera=\(\).*geolocation=\(\).*microphone=\(\)/),
    'cache-control': 'no-store',
  });
  await site.organiser.must('cancelBooking', { bookingId: held.id });
});

test('files beside the pages are what they say they are', async ({ request }) => {
  const html = await (await request.get('/')).text();
  const script = /href="(\/_app\/immutable\/[^"]+\.js)"/.exec(html)?.[1] ?? '/none.js';
  for (const path of [script, '/icon.svg', '/icon-192.png', '/service-worker.js', '/manifest.webmanifest']) {
    const answer = await request.get(path);
    expect([path, answer.status()]).toEqual([path, 200]);
    expect(answer.headers()['x-content-type-options'], path).toBe('nosniff');
  }
});

test('a session is in a cookie that scripts cannot read and other sites do not send', async ({ site, open }) => {
  const page = await open();
  await signUp(page);
  const [cookie] = (await page.context().cookies(site.url)).filter(({ name }) => name === 'session');
  // Plain http here: a secure cookie would never come back.
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false });
  await page.goto('/');
  expect(await page.evaluate('document.cookie')).not.toContain('session=');
  expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(cookie?.value);
});

test('a token in a mail’s link leaves the address at once', async ({ open }) => {
  const page = await open();
  for (const path of ['/verify', '/reset', '/de/reset']) {
    await page.goto(`${path}?token=of-a-mail`);
    await expect(page).toHaveURL(path);
  }
});

test('a foreign Host neither shows in a page nor makes the server ask there', async ({ site }) => {
  const event = await createEvent(site.organiser);
  const { port } = new URL(site.url);
  for (const foreign of ['evil.example', `evil.example:${port}`, 'evil.example:1', '127.0.0.1:1']) {
    const headers = {
      host: foreign,
      'x-forwarded-host': foreign,
      'x-forwarded-proto': 'https',
      forwarded: `host=${foreign}`,
    };
    const page = await rawPage(`${site.url}/events/${event.id}`, headers);
    expect(page.status, foreign).toBe(200);
    expect(page.body).toContain(event.title);
    expect(page.body).not.toContain(foreign);
  }
  const own = await rawPage(`${site.url}/events/${event.id}`, { host: `localhost:${port}` });
  expect(own.body).toContain(`href="${site.url}/de/events/${event.id}"`);
});

test('a page asked for by an organiser holds nothing that others may not see', async ({ site, request, open }) => {
  const word = newWord();
  const draft = await createEvent(site.organiser, { title: `Ball ${word}`, status: 'draft' });
  const page = await open();
  await signInOrganiser(page);
  const organiser = page.context().request;
  for (const path of [`/?query=${word}`, `/events/${draft.id}`]) {
    const [theirs, everyones] = [await organiser.get(path), await request.get(path)];
    expect([theirs.status(), everyones.status()]).toEqual(path.startsWith('/events') ? [404, 404] : [200, 200]);
    expect(await theirs.text()).toBe(await everyones.text());
    expect(await theirs.text()).not.toContain(`Ball ${word}`);
  }
});

test('a page says nothing of who asked for it', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const account = await signUp(page, {
    name: 'Quincy Unmistakable',
    email: `${newWord()}@example.org`,
    password: 'correct horse',
  });
  for (const path of ['/', `/events/${event.id}`, '/bookings']) {
    const answer = await page.context().request.get(path);
    expect(answer.status(), path).toBe(200);
    const text = await answer.text();
    expect(text).not.toContain(account.name);
    expect(text).not.toContain(account.email);
  }
});

test('what people write is shown as text, whatever it is', async ({ site, open }) => {
  const title = `<img src=x onerror="document.title='broken in'"> ${newWord()}`;
  const event = await createEvent(site.organiser, { title, description: '</script><script>document.title=1</script>' });
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  await expect(page.getByText(event.description)).toBeVisible();
  await expect(page).toHaveTitle(new RegExp(title.split(' ').at(-1) ?? ''));
});
