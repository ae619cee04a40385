import { expect, it } from 'vitest';
import { eventInput, inMinutes, storedEvent, testApp } from '../support/test-app.ts';

const refusedAt = (path: string[]) => ({ error: { code: 'INVALID_INPUT', issues: [{ path, code: 'past' }] } });

it('a published event with a start in the past is refused, and a draft is not', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const yesterday = { startsAt: inMinutes(-24 * 60) };
  expect(await admin.send('createEvent', eventInput(yesterday))).toMatchObject(refusedAt(['startsAt']));
  expect(await app.app.models.events.countDocuments()).toBe(0);

  const draft = await admin.must('createEvent', eventInput({ ...yesterday, status: 'draft' }));
  const publish = { eventId: draft.id, revision: draft.revision, changes: { status: 'published' as const } };
  expect(await admin.send('updateEvent', publish)).toMatchObject(refusedAt(['changes', 'startsAt']));
  const tomorrow = { ...publish, changes: { ...publish.changes, startsAt: inMinutes(24 * 60) } };
  expect(await admin.must('updateEvent', tomorrow)).toMatchObject({ status: 'published' });
});

it('an event with bookings cannot be moved into the past, and no buyer gets a mail', async (t) => {
  const app = await testApp(t);
  const [admin, alice] = await Promise.all([app.admin(), app.register('alice')]);
  const event = await admin.must('createEvent', eventInput());
  await alice.must('book', { requestId: crypto.randomUUID(), eventId: event.id, seats: 2 });
  const lastYear = new Date(Date.parse(event.startsAt) - 365 * 86_400_000).toISOString();
  const move = { eventId: event.id, revision: event.revision, changes: { startsAt: lastYear, title: 'Blues' } };
  expect(await admin.send('updateEvent', move)).toMatchObject(refusedAt(['changes', 'startsAt']));
  expect(await storedEvent(app, event.id)).toMatchObject({ startsAt: event.startsAt, title: event.title, revision: 1 });
  expect(await app.app.models.jobs.countDocuments({ kind: 'tell-moved' })).toBe(0);
});

it('an event that has begun accepts edits that leave its start', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput({ startsAt: inMinutes(5) }));
  app.clock.offsetMs = 600_000;
  const edit = { eventId: event.id, revision: 1, changes: { title: 'Blues', startsAt: event.startsAt } };
  expect(await admin.must('updateEvent', edit)).toMatchObject({ title: 'Blues', revision: 2 });
});
