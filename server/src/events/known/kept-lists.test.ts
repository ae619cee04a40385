import { describe, expect, it } from 'vitest';
import { minutes, NOW } from '#server/booking/rules/decide.fixture.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { createKeptLists } from './kept-lists.ts';

/** Lists whose clock and generation the test sets, and a read that counts. */
function keptLists(until: Date | null = null) {
  const world = { now: NOW, generation: 1 as number | null, reads: 0 };
  const lists = createKeptLists({ generation: () => world.generation, now: () => world.now });
  const get = (key = 'page 1', meanwhile: () => void = () => undefined) =>
    lists.get(key, async () => {
      world.reads += 1;
      meanwhile();
      return { ok: true, data: { ids: [`${key}, read ${world.reads}`], total: 1, until } };
    });
  return { world, lists, get };
}

describe('a list of events', () => {
  it('is read once while nothing changes, for each thing that is asked for', async () => {
    const { world, get } = keptLists();
    expect(await get()).toEqual(await get());
    await get('page 2');
    expect(world.reads).toBe(2);
  });

  it('is read again after a change of an event', async () => {
    const { world, get } = keptLists();
    await get();
    world.generation = 2;
    expect(await get()).toMatchObject({ data: { ids: ['page 1, read 2'] } });
  });

  it('is read again once an event of it has begun or ended', async () => {
    const { world, get } = keptLists(minutes(5));
    await get();
    world.now = minutes(5);
    await get();
    expect(world.reads).toBe(1);
    world.now = new Date(minutes(5).getTime() + 1);
    await get();
    expect(world.reads).toBe(2);
  });

  it('is not kept if an event changed while it was read', async () => {
    const { world, get } = keptLists();
    await get('page 1', () => void (world.generation = 2));
    await get();
    expect(world.reads).toBe(2);
  });

  it('is not kept while changes would not be noticed', async () => {
    const { world, get } = keptLists();
    world.generation = null;
    await get();
    await get();
    expect(world.reads).toBe(2);
  });

  it('is not kept if it was refused', async () => {
    const { lists, get, world } = keptLists();
    expect(await lists.get('page 1', async () => refuse('BUSY'))).toMatchObject({ ok: false });
    await get();
    expect(world.reads).toBe(1);
  });
});
