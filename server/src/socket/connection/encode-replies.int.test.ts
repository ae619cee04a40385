import { expect, it, onTestFinished, vi } from 'vitest';
import type { EventPage } from '#shared/event.ts';
import { bookCommand, userId } from '../../../test/support/engine-world.ts';
import type { LiveWorld } from '../../../test/support/live-world.ts';
import { ask, liveWorld } from '../../../test/support/live-world.ts';
import { pushed } from '../../../test/support/test-app.ts';

const t = { onTestFinished };

it.each(['/booking', '/public'] as const)(
  'a server answers lists and events on %s by their JSON text, with what HTTP answers',
  async (namespace) => {
    const world = await liveWorld(t);
    const eventId = await world.createEvent({ title: 'Jazz “ü” \\', description: '"Two"\nlines' });
    await world.createEvent({ title: 'Rock' });
    const client =
      namespace === '/public' ? await world.welcomed(namespace) : await world.signedIn((await world.person()).token);
    const fromHttp = async (path: string) => (await world.app.http.inject({ url: `/api${path}` })).json<unknown>();
    const list = await fromHttp('/events?limit=1');
    expect((list as EventPage).events).toHaveLength(1);
    for (let time = 0; time < 2; time += 1) {
      expect(await ask(client, 'listEvents', { limit: 1 })).toEqual({ ok: true, data: list });
      expect(await ask(client, 'getEvent', { eventId })).toEqual({
        ok: true,
        data: await fromHttp(`/events/${eventId}`),
      });
      expect(await ask(client, 'getEvent', { eventId: '0'.repeat(24) })).toMatchObject({
        error: { code: 'NOT_FOUND' },
      });
    }
  },
);

it('a server makes the JSON of an event once for each of its versions, however often it is asked for', async () => {
  const world = await liveWorld(t);
  const eventId = await world.createEvent({ totalSeats: 10 });
  const client = await world.welcomed('/public');
  const shownSeats = async () => {
    const { data } = (await ask(client, 'getEvent', { eventId })) as { data: { availableSeats: number } };
    return data.availableSeats;
  };
  await expect.poll(async () => (await readList(world)).length).toBe(1);
  const stringify = vi.spyOn(JSON, 'stringify');
  t.onTestFinished(() => stringify.mockRestore());
  const made = () => stringify.mock.calls.filter(([value]) => (value as { id?: unknown } | null)?.id === eventId);
  const askAll = async () => {
    for (let time = 0; time < 3; time += 1) {
      await shownSeats();
      await ask(client, 'listEvents', {});
      await readList(world);
    }
  };
  const bookOne = async () => {
    // By then the change feed has brought the event.
    const seen = pushed(client, 'availabilityChanged');
    await world.app.engine.submit(eventId, bookCommand(userId(), 1));
    await seen;
  };
  await bookOne();
  await askAll();
  expect(made()).toHaveLength(1);
  await bookOne();
  await askAll();
  expect(await shownSeats()).toBe(8);
  expect(made()).toHaveLength(2);
});

async function readList(world: LiveWorld): Promise<unknown[]> {
  return (await world.app.http.inject({ url: '/api/events' })).json<EventPage>().events;
}
