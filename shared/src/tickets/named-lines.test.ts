import { expect, test } from 'vitest';
import { namedLines, sellsSeatsAlone, ticketsText } from './named-lines.ts';

const TYPES = [
  { id: 't1', name: 'Adult', seats: 1 },
  { id: 't2', name: 'Child', seats: 1 },
];

test('lines get the names of their types, in their own order, and an unknown type its id', () => {
  const lines = ['t2', 't1', 't7'].map((type) => ({ type, count: 1 }));
  expect(namedLines(lines, TYPES).map(({ name }) => name)).toEqual(['Child', 'Adult', 't7']);
});

test('an event sells seats alone with one type of one seat, and by type with a family ticket or a second type', () => {
  expect(sellsSeatsAlone(TYPES.slice(0, 1))).toBe(true);
  expect(sellsSeatsAlone([{ seats: 4 }])).toBe(false);
  expect(sellsSeatsAlone(TYPES)).toBe(false);
});

test('tickets are written in one line, names from right to left in marks of their own', () => {
  expect(
    ticketsText([
      { count: 2, name: 'Adult' },
      { count: 1, name: 'ילד' },
    ]),
  ).toBe('2 × Adult, 1 × \u2068ילד\u2069');
});
