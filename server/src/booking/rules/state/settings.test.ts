import { describe, expect, it } from 'vitest';
import { minutes, NOW, settings } from '../decide.fixture.ts';
import { parseSettings, settingsIssues, startIssues } from './settings.ts';

const PAST = [{ path: ['startsAt'], code: 'past', message: 'Must be in the future, unless the event is a draft' }];

describe('the settings of an organiser', () => {
  it('are parsed with dates for times, and keep absent and cleared times', () => {
    const input = { title: 'Jazz', startsAt: '2026-05-01T18:00:00.000Z', endsAt: null } as const;
    expect(parseSettings(input)).toEqual({ title: 'Jazz', startsAt: new Date(input.startsAt), endsAt: null });
  });

  it.each(['startsAt', 'endsAt', 'salesOpenAt', 'salesCloseAt'] as const)('read %s as a time', (name) => {
    expect(parseSettings({ [name]: '2026-05-01T18:00:00.000Z' })).toEqual({ [name]: new Date('2026-05-01T18:00:00Z') });
  });
});

describe('the times of an event', () => {
  it('contradict each other if it ends at its start or before', () => {
    const endsAt = (end: Date | null) => settingsIssues(settings({ startsAt: minutes(60), endsAt: end }));
    const issue = [{ path: ['endsAt'], code: 'custom', message: 'Must be after startsAt' }];
    expect(endsAt(minutes(60))).toEqual(issue);
    expect(endsAt(minutes(59))).toEqual(issue);
    expect(endsAt(minutes(61))).toEqual([]);
    expect(endsAt(null)).toEqual([]);
  });

  it('contradict each other if sales open when they close or later', () => {
    const opensAt = (open: Date | null) =>
      settingsIssues(settings({ startsAt: minutes(60), salesCloseAt: minutes(30), salesOpenAt: open }));
    const issue = [{ path: ['salesOpenAt'], code: 'custom', message: 'Must be before sales close' }];
    expect(opensAt(minutes(30))).toEqual(issue);
    expect(opensAt(minutes(31))).toEqual(issue);
    expect(opensAt(minutes(29))).toEqual([]);
    expect(opensAt(null)).toEqual([]);
  });

  it('are all reported at once', () => {
    const wrong = settings({ startsAt: minutes(60), endsAt: minutes(1), salesCloseAt: null, salesOpenAt: minutes(60) });
    expect(settingsIssues(wrong).map(({ path }) => path)).toEqual([['endsAt'], ['salesOpenAt']]);
  });
});

describe('the start of an event', () => {
  const past = settings({ startsAt: NOW, status: 'published' });
  const future = settings({ startsAt: minutes(1), status: 'published' });

  it('must be in the future when the event is created as published', () => {
    expect(startIssues(null, past, NOW)).toEqual(PAST);
    expect(startIssues(null, future, NOW)).toEqual([]);
  });

  it('must be in the future when a draft is published', () => {
    const draft = { ...past, status: 'draft' as const };
    expect(startIssues(draft, past, NOW)).toEqual(PAST);
    expect(startIssues(null, draft, NOW)).toEqual([]);
  });

  it('must be in the future when a published event is moved', () => {
    expect(startIssues(future, past, NOW)).toEqual(PAST);
  });

  it('may be in the past in other edits of an event that has begun', () => {
    expect(startIssues(past, { ...past, title: 'Other' }, NOW)).toEqual([]);
  });
});
