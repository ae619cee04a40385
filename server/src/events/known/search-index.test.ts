import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, NOW } from '#server/booking/rules/decide.fixture.ts';
import type { EventDoc } from '#server/models/event.ts';
import { searchWords } from '#shared/text/search-text.ts';
import { criteriaOf } from '../filters/criteria.ts';
import { eventDoc } from './known-events.fixture.ts';
import { createSearchIndex } from './search-index.ts';

const withWords = (query: string) => criteriaOf({ page: 1, limit: 20, when: 'upcoming', query });

function titlesFound(docs: EventDoc[], query: string, at = NOW): string[] {
  const byId = new Map(docs.map((doc) => [doc._id.toHexString(), doc.title]));
  return createSearchIndex(docs)
    .findUpcoming(withWords(query), at, () => 1)
    .ids.map((id) => byId.get(id) ?? 'unknown');
}

const SOON = minutes(10);

describe('a search among the known events', () => {
  it('finds events by a part of each word in title or venue, the soonest first', () => {
    const docs = [
      eventDoc({ title: 'Łódź Jazz', venue: 'Fabryka', startsAt: minutes(30) }),
      eventDoc({ title: 'Jazz', venue: 'Łódź', startsAt: SOON }),
      eventDoc({ title: 'Jazz', venue: 'Warszawa', startsAt: SOON }),
    ];
    expect(titlesFound(docs, 'lod jaz')).toEqual(['Jazz', 'Łódź Jazz']);
    expect(titlesFound(docs, 'jazzy')).toEqual([]);
  });

  it('finds no words across the border of two events', () => {
    const docs = [eventDoc({ title: 'A', venue: 'Bar', startsAt: SOON }), eventDoc({ title: 'Rock', startsAt: SOON })];
    expect(titlesFound(docs, 'barrock')).toEqual([]);
  });

  it('finds no drafts, cancelled events and events that are over, but those that are running', () => {
    const docs = [
      eventDoc({ title: 'Draft', status: 'draft', startsAt: SOON }),
      eventDoc({ title: 'Cancelled', status: 'cancelled', startsAt: SOON }),
      eventDoc({ title: 'Over', startsAt: minutes(-20), endsAt: minutes(-10) }),
      eventDoc({ title: 'Begun, with an unknown end', startsAt: minutes(-20) }),
      eventDoc({ title: 'Running', startsAt: minutes(-20), endsAt: SOON }),
      eventDoc({ title: 'Coming', startsAt: SOON }),
    ];
    expect(titlesFound(docs, 'schlosserei')).toEqual(['Running', 'Coming']);
  });

  it('holds until an event begins or ends', () => {
    const running = eventDoc({ startsAt: minutes(-20), endsAt: minutes(30) });
    const index = createSearchIndex([running, eventDoc({ startsAt: minutes(40) })]);
    const until = (at: Date) => index.findUpcoming(withWords('jazz'), at, () => 1).until;
    expect([until(NOW), until(minutes(31)), until(minutes(41))]).toEqual([minutes(30), minutes(40), null]);
  });

  it('finds the same as a look at each event', () => {
    const text = fc.stringMatching(/^[abc]{1,3}( [abc]{1,3})?$/);
    const event = fc.record({ title: text, venue: text, start: fc.integer({ min: -3, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 12 }),
        fc.stringMatching(/^[abc]{1,2}( [abc]{1,2})?$/),
        (events, query) => {
          const docs = events.map(({ title, venue, start }) => eventDoc({ title, venue, startsAt: minutes(start) }));
          const words = searchWords(query);
          const expected = docs
            .filter(({ startsAt, searchText }) => startsAt >= NOW && words.every((word) => searchText.includes(word)))
            .map(({ _id }) => _id.toHexString());
          const { ids } = createSearchIndex(docs).findUpcoming(withWords(query), NOW, () => 1);
          expect(new Set(ids)).toEqual(new Set(expected));
          expect(ids).toHaveLength(expected.length);
        },
      ),
    );
  });
});
