import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventInput, inMinutes, testApp } from '../../../../test/support/test-app.ts';

const DAY = 24 * 60;

/** The lines of a calendar, without the folding of long ones (RFC 5545). */
const linesOf = (text: string) => text.replaceAll('\r\n ', '').split('\r\n');
const valuesOf = (text: string, name: string) =>
  linesOf(text).flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1)] : []));

it('a calendar has the public events that fit its filters, each with an id that stays and a number that grows', async (t) => {
  const app = await testApp(t, { env: { PUBLIC_URL: 'https://tickets.example.org' } });
  const admin = await app.admin();
  const doorsAt = inMinutes(14 * DAY - 60);
  const jazz = { title: 'Jazz, live', city: 'Köln', address: 'Hof 3', doorsAt, startsAt: inMinutes(14 * DAY) };
  const event = await admin.must('createEvent', eventInput(jazz));
  await admin.must('createEvent', eventInput({ title: 'Blues', city: 'Bonn' }));
  await admin.must('createEvent', eventInput({ title: 'Draft', city: 'Köln', status: 'draft' }));
  const calendar = async (query = '', prefix = '') => (await app.get(`${prefix}/calendar.ics${query}`)).text();

  const all = await calendar();
  expect(valuesOf(all, 'SUMMARY').toSorted()).toEqual(['Blues', 'Jazz\\, live']);
  const [text, german] = [await calendar('?city=koln'), await calendar('?city=koln', '/de')];
  expect(valuesOf(text, 'UID')).toEqual([`event-${event.id}@frontrow`]);
  expect(valuesOf(text, 'SEQUENCE')).toEqual(['0']);
  expect(valuesOf(text, 'STATUS')).toEqual(['CONFIRMED']);
  expect(valuesOf(text, 'LOCATION')).toEqual(['Alte Schlosserei\\, Hof 3\\, Köln']);
  expect(valuesOf(text, 'DESCRIPTION')[0]).toMatch(/UTC\\, Doors .*\\nMit Getränken\./);
  expect(linesOf(text)).toContain(`URL;VALUE=URI:https://tickets.example.org/events/${event.id}`);
  expect(german).toContain('Einlass');
  expect(linesOf(german)).toContain(`URL;VALUE=URI:https://tickets.example.org/de/events/${event.id}`);
  const one = await (await app.get(`/events/${event.id}/event.ics`)).text();
  expect(valuesOf(one, 'UID')).toEqual([`event-${event.id}@frontrow`]);
});

it('an edit and a cancellation reach a calendar that has the event; a draft that is cancelled does not', async (t) => {
  const app = await testApp(t);
  const [admin, alice] = [await app.admin(), await app.register('alice')];
  const { id: eventId } = await admin.must('createEvent', eventInput({ title: 'Booked' }));
  await alice.must('book', { requestId: randomUUID(), eventId, seats: 1 });
  await admin.must('updateEvent', { eventId, revision: 1, changes: { title: 'Booked and moved' } });
  const draft = await admin.must('createEvent', eventInput({ title: 'Draft', status: 'draft' }));
  await admin.must('cancelEvent', { eventId: draft.id, reason: 'Never mind' });
  await admin.must('cancelEvent', { eventId, reason: 'Storm' });
  const text = await (await app.get('/calendar.ics')).text();
  expect(valuesOf(text, 'SUMMARY')).toEqual(['Booked and moved']);
  expect([valuesOf(text, 'SEQUENCE'), valuesOf(text, 'STATUS')]).toEqual([['2'], ['CANCELLED']]);
  expect(valuesOf(text, 'DESCRIPTION')[0]).toContain('Storm');
});

it('calendars and feeds are sent once while nothing changes, and their filters are checked', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  await admin.must('createEvent', eventInput());
  for (const path of ['/calendar.ics', '/feed.xml', '/rss.xml', '/sitemap.xml']) {
    const first = await app.get(path);
    const etag = first.headers.get('etag') ?? '';
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^".+"$/)]);
    expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    expect((await app.get(path, { 'if-none-match': etag })).status).toBe(304);
  }
  for (const query of ['?city=', '?from=today', '?page=2', '?available=1', '?status=draft'])
    for (const path of ['/calendar.ics', '/de/feed.xml', '/de/rss.xml'])
      expect([query, (await app.get(path + query)).status]).toEqual([query, 400]);
  expect((await app.get(`/events/${'f'.repeat(24)}/event.ics`)).status).toBe(404);
  expect((await app.get('/events/nonsense/event.ics')).status).toBe(400);
});

it('texts of organisers add nothing to a feed, a calendar or a sitemap but themselves', async (t) => {
  const app = await testApp(t, { env: { PUBLIC_URL: 'https://tickets.example.org' } });
  const admin = await app.admin();
  const evil = '</title><script>alert("1")</script> & \u0007 end';
  const description = `${evil}\nEND:VEVENT\r\nATTENDEE:mailto:a@example.org`;
  const more = { venue: evil.replace('\u0007', ''), category: 'A & B', tags: ['<i>'] };
  const event = await admin.must(
    'createEvent',
    eventInput({ title: evil.replace('\u0007', ''), description, ...more }),
  );
  const [feed, rss] = await Promise.all(['/feed.xml', '/rss.xml'].map(async (path) => (await app.get(path)).text()));
  for (const text of [feed, rss]) {
    expect(text).not.toMatch(/<script|<i>/);
    expect(text).not.toContain('\u0007');
    expect(text).toContain('&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; ');
  }
  expect(rss).toContain('<category>A &amp; B</category><category>&lt;i&gt;</category>');
  expect(rss, 'a description is HTML, in which the text is no markup').toContain('&amp;lt;script&amp;gt;');
  expect(rss?.match(/<item>/g)).toHaveLength(1);
  expect(feed).toContain('<category term="A &amp; B"/><category term="&lt;i&gt;"/>');
  expect(feed?.match(/<entry>/g)).toHaveLength(1);
  const calendar = await (await app.get('/calendar.ics')).text();
  expect(linesOf(calendar).filter((line) => line === 'END:VEVENT')).toHaveLength(1);
  expect(linesOf(calendar).filter((line) => line.startsWith('ATTENDEE'))).toEqual([]);
  const sitemap = await (await app.get('/sitemap.xml')).text();
  for (const path of ['', '/de'])
    expect(sitemap).toContain(`<loc>https://tickets.example.org${path}/events/${event.id}</loc>`);
  expect(await (await app.get('/robots.txt')).text()).toContain('Sitemap: https://tickets.example.org/sitemap.xml');
});

it('Atom and RSS feeds have the same events, in both languages, with the filters of the list', async (t) => {
  const app = await testApp(t, { env: { PUBLIC_URL: 'https://tickets.example.org' } });
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput({ title: 'Jazz', city: 'Köln', tags: ['Live'] }));
  await admin.must('createEvent', eventInput({ title: 'Blues', city: 'Bonn' }));
  for (const prefix of ['', '/de']) {
    const url = `https://tickets.example.org${prefix}/events/${event.id}`;
    const [atom, rss] = await Promise.all(
      ['feed.xml', 'rss.xml'].map((file) => app.get(`${prefix}/${file}?city=koln&available=true`)),
    );
    expect(atom?.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    expect(rss?.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
    const [entries, items] = [(await atom?.text()) ?? '', (await rss?.text()) ?? ''];
    expect(entries.match(/<id>[^<]*events[^<]*<\/id>/g)).toEqual([`<id>${url}</id>`]);
    expect(items.match(/<guid[^<]*<\/guid>/g)).toEqual([`<guid isPermaLink="true">${url}</guid>`]);
    expect(items).toContain(`<pubDate>${new Date(event.createdAt).toUTCString()}</pubDate>`);
    const list = `https://tickets.example.org${prefix || '/'}?when=upcoming&amp;city=koln&amp;available=true`;
    expect(items).toContain(`<link>${list}</link>`);
    expect(entries).toContain(`<link rel="alternate" type="text/html" href="${list}"/>`);
  }
});

it('an organiser has a calendar and feeds with the own name, and a page in the sitemap', async (t) => {
  const app = await testApp(t, { env: { PUBLIC_URL: 'https://tickets.example.org' } });
  const admin = await app.admin();
  const name = 'Kultur & Söhne / Köln';
  const path = '/organisers/Kultur%20%26%20S%C3%B6hne%20%2F%20K%C3%B6ln';
  await admin.must('createEvent', eventInput({ title: 'Theirs', organiser: name, startsAt: inMinutes(13 * DAY) }));
  await admin.must('createEvent', eventInput({ title: 'Also theirs', organiser: name.toUpperCase() }));
  await admin.must('createEvent', eventInput({ title: 'Hidden', organiser: 'Nobody yet', status: 'draft' }));
  await admin.must('createEvent', eventInput({ title: 'Nobody’s' }));
  const asked = encodeURIComponent(name.toLowerCase());
  const query = `?organiser=${asked}`;
  const calendar = await (await app.get(`/calendar.ics${query}`)).text();
  expect(valuesOf(calendar, 'SUMMARY')).toEqual(['Theirs', 'Also theirs']);
  expect(valuesOf(calendar, 'NAME')).toEqual([name]);
  const atom = await (await app.get(`/de/feed.xml${query}`)).text();
  expect(atom).toContain('<title>Kultur &amp; Söhne / Köln</title>');
  expect(atom).toContain('<author><name>Kultur &amp; Söhne / Köln</name></author>');
  expect(atom).toContain(`href="https://tickets.example.org/de/organisers/${asked}"`);
  const sitemap = await (await app.get('/sitemap.xml')).text();
  for (const prefix of ['', '/de']) expect(sitemap).toContain(`<loc>https://tickets.example.org${prefix}${path}</loc>`);
  expect(sitemap.match(/<loc>[^<]*organisers/g)).toHaveLength(2);
});
