import type { QueryFilter } from 'mongoose';
import { describe, expect, it, vi } from 'vitest';
import { ALICE, bearer, promote, registered, sharedHttp } from '../../test/support/test-http.ts';
import { handClock, NOON } from '../../test/support/hand-clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { EventPage, ListEventsInput } from '#shared/event.ts';
import { eventDoc } from './known/known-events.fixture.ts';
import { listEvents } from './list.ts';

const HOUR_MS = 3_600_000;
const clock = handClock({ standsAt: NOON });

/** An event whose start is `startsInHours` from now. */
function listed(title: string, startsInHours: number, more: Partial<EventDoc> = {}): EventDoc {
  return eventDoc({ title, venue: 'Stadthalle', startsAt: inHours(startsInHours), ...more });
}

function inHours(hours: number): Date {
  return new Date(clock.now().getTime() + hours * HOUR_MS);
}

describe('GET /api/events', () => {
  const app = sharedHttp({ clock, expectsAgreement: false, env: { RATE_LIMITS: 'off' } });

  async function fill(...docs: EventDoc[]): Promise<void> {
    await app().models.events.deleteMany({});
    await app().models.events.insertMany(docs);
  }

  async function list(query = '', headers: Record<string, string> = {}) {
    const reply = await app().http.inject({ url: `/api/events${query}`, headers });
    const body = reply.json<Partial<EventPage> & { error?: Refusal }>();
    return { ...body, status: reply.statusCode, titles: body.events?.map((event) => event.title) };
  }

  it('lists running and upcoming events, the soonest first', async () => {
    await fill(
      listed('tomorrow', 24),
      listed('began without end', -1),
      listed('runs, began long ago', -100, { endsAt: inHours(1) }),
      listed('over', -3, { endsAt: inHours(-1) }),
      listed('in an hour, with end', 1, { endsAt: inHours(3) }),
      listed('begins now', 0),
      listed('runs since an hour', -1, { endsAt: inHours(2) }),
      listed('ends now', -2, { endsAt: inHours(0) }),
    );
    expect(await list()).toMatchObject({
      titles: [
        'runs, began long ago',
        'ends now',
        'runs since an hour',
        'begins now',
        'in an hour, with end',
        'tomorrow',
      ],
      page: 1,
      limit: 20,
      total: 6,
    });
    expect(await list('?when=past')).toMatchObject({ titles: ['over', 'began without end'], total: 2 });
    expect(await list('?when=all')).toMatchObject({ total: 8 });
  });

  it('pages through running and upcoming events without gap or repetition', async () => {
    const running = Array.from({ length: 5 }, (_, i) => listed(`running ${i}`, -10 + i, { endsAt: inHours(5) }));
    const coming = Array.from({ length: 8 }, (_, i) => listed(`coming ${i}`, 1 + Math.floor(i / 4)));
    await fill(...coming, ...running);
    const pages = await Promise.all([1, 2, 3, 4, 5, 6].map((page) => list(`?limit=3&page=${page}`)));
    expect(pages.map((page) => page.titles?.length)).toEqual([3, 3, 3, 3, 1, 0]);
    const seen = pages.flatMap((page) => page.titles ?? []);
    expect(new Set(seen).size).toBe(13);
    expect(seen.slice(0, 5)).toEqual(running.map((doc) => doc.title));
    expect(pages.every((page) => page.total === 13 && page.limit === 3)).toBe(true);
  });

  it('shows organisers the events of one status, cancelled ones too, and other readers published ones only', async () => {
    await fill(
      listed('public', 1),
      listed('draft', 2, { status: 'draft' }),
      listed('called off', 4, { status: 'cancelled', cancelReason: 'rain' }),
      listed('called off long ago', -30, { status: 'cancelled', cancelReason: 'snow' }),
    );
    const user = bearer(await registered(app(), { ...ALICE, email: 'reader@example.org' }));
    for (const headers of [{}, user]) {
      expect(await list('?status=published', headers)).toMatchObject({ status: 200, titles: ['public'] });
      for (const status of ['draft', 'cancelled'])
        expect(await list(`?status=${status}`, headers)).toMatchObject({
          status: 400,
          error: { issues: [{ code: 'unrecognized_keys' }] },
        });
    }
    await promote(app().models, 'reader@example.org');
    const titles = async (query: string) => (await list(query, user)).titles;
    expect(await titles('?status=published')).toEqual(['public']);
    expect(await titles('?status=draft')).toEqual(['draft']);
    expect(await titles('?status=cancelled')).toEqual(['called off']);
    expect(await titles('?status=cancelled&when=all')).toEqual(['called off long ago', 'called off']);
    expect(await titles('?status=cancelled&when=all&query=LONG')).toEqual(['called off long ago']);
    expect((await list('?status=running', user)).error?.code).toBe('INVALID_INPUT');
  });

  it('shows drafts to admins only, and lists no cancelled event', async () => {
    await fill(
      listed('public', 1),
      listed('draft', 2, { status: 'draft' }),
      listed('cancelled', 3, { status: 'cancelled', cancelReason: 'rain' }),
    );
    const token = await registered(app(), { ...ALICE, email: 'admin@example.org' });
    expect((await list('', bearer(token))).titles).toEqual(['public']);
    await promote(app().models, 'admin@example.org');
    expect((await list('', bearer(token))).titles).toEqual(['public', 'draft']);
    expect((await list('', { cookie: `session=${token}` })).titles).toEqual(['public', 'draft']);
    expect((await list('?when=all', bearer('garbage'))).titles).toEqual(['public']);
  });

  it('finds events whose title or venue has every word, ignoring case and accents', async () => {
    await fill(
      listed('Große Übung für Chöre', 1, { venue: 'Théâtre de l’Étoile' }),
      listed('Jazz (live) 50% off.*', 2, { venue: 'Blue Note' }),
      listed('Jazz am See', 3, { venue: 'Übersee' }),
    );
    for (const [query, titles] of [
      ['GROSSE', ['Große Übung für Chöre']],
      ['ubung etoile', ['Große Übung für Chöre']],
      ['ÜBER jazz', ['Jazz am See']],
      ['jazz', ['Jazz (live) 50% off.*', 'Jazz am See']],
      ['(live)', ['Jazz (live) 50% off.*']],
      ['off.*', ['Jazz (live) 50% off.*']],
      ['.*', ['Jazz (live) 50% off.*']],
      ['50%', ['Jazz (live) 50% off.*']],
      ['^jazz', []],
      ['jazz|grosse', []],
      ['[a-z]', []],
      ['\\w', []],
      ['(a+)+$', []],
      ['   ', ['Große Übung für Chöre', 'Jazz (live) 50% off.*', 'Jazz am See']],
      ['jazz etoile', []],
    ] as const) {
      expect([query, (await list(`?query=${encodeURIComponent(query)}`)).titles]).toEqual([query, titles]);
    }
  });

  it.each([
    ['?page=0', 'page'],
    ['?page=-1', 'page'],
    ['?page=1.5', 'page'],
    ['?page=1e3', 'page'],
    ['?page=%2B1', 'page'],
    ['?page=', 'page'],
    ['?page=0x10', 'page'],
    ['?page=9007199254740992', 'page'],
    ['?limit=101', 'limit'],
    ['?limit=1000000000', 'limit'],
    ['?limit=9999999999999999999', 'limit'],
    ['?limit=20&limit=30', 'limit'],
    ['?when=soon', 'when'],
    [`?query=${'x'.repeat(201)}`, 'query'],
    ['?query=a%00b', 'query'],
    ['?query=a&query=b', 'query'],
    ['?query[$ne]=x', undefined],
    ['?status=draft', undefined],
    ['?__proto__=x', undefined],
    ['?constructor=x', undefined],
  ])('refuses %s with INVALID_INPUT', async (query, path) => {
    const { status, error } = await list(query);
    expect([status, error?.code]).toEqual([400, 'INVALID_INPUT']);
    expect(error?.issues?.[0]?.path[0]).toBe(path);
  });

  it('reads ?page=001 as the first page, and finds nothing after the last page', async () => {
    await fill(listed('only', 1));
    expect(await list('?page=001&limit=1')).toMatchObject({ page: 1, limit: 1, titles: ['only'] });
    for (const page of [2, 999_999, Number.MAX_SAFE_INTEGER]) {
      expect(await list(`?page=${page}&limit=100`)).toMatchObject({ titles: [], page, total: 1 });
    }
  });

  it('GET /api/events/:id finds published and cancelled events, and drafts for admins only', async () => {
    const [shown, hidden, off] = [
      listed('public', 1),
      listed('draft', 2, { status: 'draft' }),
      listed('cancelled', 3, { status: 'cancelled', cancelReason: 'rain' }),
    ];
    await fill(shown, hidden, off);
    const get = (id: unknown, headers = {}) => app().http.inject({ url: `/api/events/${id}`, headers });
    expect((await get(shown._id)).json()).toMatchObject({ id: shown._id.toHexString(), title: 'public', version: 1 });
    expect((await get(shown._id.toHexString().toUpperCase())).statusCode).toBe(200);
    expect((await get(off._id)).json()).toMatchObject({ status: 'cancelled', cancelReason: 'rain' });
    expect((await get(hidden._id)).json().error.code).toBe('NOT_FOUND');
    expect((await get('f'.repeat(24))).json().error.code).toBe('NOT_FOUND');
    expect((await get('nonsense')).json().error.code).toBe('INVALID_INPUT');
    expect((await get(`${shown._id}?fields=all`)).json().error.code).toBe('INVALID_INPUT');
    const token = await registered(app(), { ...ALICE, email: 'organiser@example.org' });
    await promote(app().models, 'organiser@example.org');
    expect((await get(hidden._id, bearer(token))).json()).toMatchObject({ title: 'draft' });
  });
});

interface Plan {
  stage: string;
  inputStage?: Plan;
  inputStages?: Plan[];
}

function stagesOf({ stage, inputStage, inputStages = [] }: Plan): string[] {
  return [stage, ...[...inputStages, ...(inputStage ? [inputStage] : [])].flatMap(stagesOf)];
}

describe('the query plan of the list of events', () => {
  const app = sharedHttp({ clock, expectsAgreement: false });

  /** The plans of all queries for the first page of a list. */
  async function explainList(models: Models, { admin, ...more }: Partial<ListEventsInput> & { admin: boolean }) {
    const find = vi.spyOn(models.events, 'find');
    await listEvents({ models, now: clock.now }, { when: 'upcoming', page: 1, limit: 20, ...more }, { admin });
    const filters = find.mock.calls.map(([filter]) => filter as QueryFilter<EventDoc>);
    find.mockRestore();
    return Promise.all(filters.map((filter) => explain(models, filter)));
  }

  async function explain(models: Models, filter: QueryFilter<EventDoc>) {
    const plan = (await models.events
      .find(filter)
      .sort({ startsAt: 1, _id: 1 })
      .limit(20)
      .explain('executionStats')) as unknown as {
      queryPlanner: { winningPlan: Plan };
      executionStats: { totalDocsExamined: number; totalKeysExamined: number; nReturned: number };
    };
    return { stages: stagesOf(plan.queryPlanner.winningPlan), stats: plan.executionStats };
  }

  it('reads one index in its order and only the page, also with many past events', async () => {
    const { models } = app();
    const history = Array.from({ length: 800 }, (_, i) =>
      listed(`over ${i}`, -1_000 + i, i % 2 ? { endsAt: inHours(-999 + i) } : {}),
    );
    const running = Array.from({ length: 3 }, (_, i) => listed(`running ${i}`, -5, { endsAt: inHours(5 + i) }));
    const coming = Array.from({ length: 200 }, (_, i) => listed(`coming ${i}`, 1 + i, { endsAt: inHours(2 + i) }));
    await models.events.insertMany([...history, ...running, ...coming]);
    for (const admin of [false, true]) {
      const [running, coming] = await explainList(models, { admin });
      expect(coming?.stages).not.toContain('COLLSCAN');
      expect(coming?.stages).not.toContain('SORT');
      expect(coming?.stats.totalDocsExamined).toBeLessThanOrEqual(25);
      expect(running?.stages).not.toContain('COLLSCAN');
      expect(running?.stats).toMatchObject({ nReturned: 3 });
      expect(running?.stats.totalDocsExamined).toBeLessThanOrEqual(10);
      for (const when of ['past', 'all'] as const) {
        const plans = await explainList(models, { when, admin });
        expect(plans).toHaveLength(1);
        for (const { stages, stats } of plans) {
          expect(stages).not.toContain('COLLSCAN');
          expect(stages).not.toContain('SORT');
          expect(stats.totalDocsExamined).toBeLessThanOrEqual(45);
        }
      }
    }
  });

  it('reads one index and only the page of a list of one city, organiser, category or tag, or of what is free', async () => {
    const { models } = app();
    const keys = { categoryKey: 'film', cityKey: 'bonn', organiserKey: 'kino im hof', tagKeys: ['short'] };
    const price = { amount: 500, currency: 'EUR' };
    const others = Array.from({ length: 300 }, (_, i) => listed(`other ${i}`, 1 + i, { price }));
    const narrow = Array.from({ length: 60 }, (_, i) => ({ ...listed(`narrow ${i}`, 1 + 5 * i, { price }), ...keys }));
    const free = Array.from({ length: 60 }, (_, i) => listed(`free ${i}`, 1 + 5 * i));
    await models.events.deleteMany({});
    await models.events.insertMany([...others, ...narrow, ...free]);
    const range = { from: inHours(20).toISOString(), to: inHours(900).toISOString() };
    const filters = [{ category: 'Film' }, { city: 'Bonn' }, { organiser: 'Kino im Hof' }, { tag: 'Short' }];
    for (const more of [...filters, { free: true as const }])
      for (const plan of await explainList(models, { ...more, ...range, admin: false })) {
        expect(plan.stages).not.toContain('COLLSCAN');
        expect(plan.stages).not.toContain('SORT');
        expect(plan.stats.totalDocsExamined).toBeLessThanOrEqual(25);
      }
  });
});
