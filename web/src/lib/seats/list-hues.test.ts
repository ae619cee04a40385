import { expect, test } from 'vitest';
import { listHues } from './list-hues.ts';
import { POSTER_HUES, posterHue } from '#shared/poster/poster-hue.ts';

const ids = (count: number, base = 0x6b0406) =>
  Array.from({ length: count }, (_, index) => `${(base + index).toString(16)}64b0c1ead3533ca6`);
/** An id of each hue. */
const byHue = new Map(ids(400).map((id) => [posterHue(id), id]));
const idOf = (hue: number) => byHue.get(hue) ?? expect.fail(`No event has the hue ${hue}`);

test('no event of a list has the hue of one of the three before it, whatever the events are', () => {
  for (const base of [0x100000, 0x6b0406, 0xf00000]) {
    const hues = listHues(ids(300, base));
    const clashes = hues.filter((hue, index) => hues.slice(Math.max(0, index - 3), index).includes(hue));
    expect([hues.length, clashes]).toEqual([300, []]);
    expect(Math.max(...hues)).toBeLessThan(POSTER_HUES);
  }
  expect(new Set(listHues(Array<string>(4).fill(idOf(7)))).size).toBe(4);
});

test('an event keeps its own hue where no neighbour has it, and takes that of another family elsewhere', () => {
  expect(listHues([1, 2, 3, 4].map(idOf))).toEqual([1, 2, 3, 4]);
  expect(listHues([1, 1, 2].map(idOf))).toEqual([1, 6, 2]);
  expect(listHues([1, 6, 1].map(idOf))).toEqual([1, 6, 11]);
});

test('events that are added at the end change no hue', () => {
  const all = ids(60);
  expect(listHues(all).slice(0, 20)).toEqual(listHues(all.slice(0, 20)));
});
