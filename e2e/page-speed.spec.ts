import { visitPage, type PageVisit } from '../bench/pages/page-visit.ts';
import { createEvent, inDays, newWord, untilListed } from './site/organiser.ts';
import { photograph, putPicture } from './site/pictures.ts';
import { expect, test } from './site/test.ts';

/** Over slow 4G on a processor four times as slow, for pages full of pictures. */
const MOST_SHIFT = 0.02;
const VISITS = 3;
const CARDS = 8;

test('nothing moves on list and event page full of pictures over slow 4G; the report has the time of their largest part', async ({
  site,
  browser,
}) => {
  test.setTimeout(180_000);
  const word = newWord();
  const description = 'Saxophone, double bass, and a piano that outlived the summer. '.repeat(12);
  const events = [];
  for (let number = 1; number <= CARDS; number += 1) {
    const event = await createEvent(site.organiser, {
      title: `${word} no. ${number}`,
      description,
      startsAt: inDays(10 + number),
    });
    await putPicture(site.url, event.id, { alt: `The stage of evening ${number}` }, await photograph(number * 40));
    events.push(event);
  }
  await untilListed(site.url, word, CARDS);
  for (const [name, path] of [
    ['list', `/?query=${word}`],
    ['event', `/events/${events[0]?.id}`],
  ]) {
    const visits: PageVisit[] = [];
    // The first visit finds the server's caches empty.
    for (let visit = 0; visit <= VISITS; visit += 1) visits.push(await visitPage(browser, `${site.url}${path}`));
    const cls = Math.max(...visits.map((visit) => visit.cls));
    const words = visits.map((visit) => `LCP ${Math.round(visit.lcpMs)} ms, CLS ${visit.cls.toFixed(4)}`);
    test.info().annotations.push({ type: `speed of the ${name}`, description: words.join(' · ') });
    for (const visit of visits) expect(visit.lcpMs, words.join(' · ')).toBeGreaterThan(0);
    expect(cls, `${name}: ${words.join(' · ')}`).toBeLessThan(MOST_SHIFT);
  }
});
