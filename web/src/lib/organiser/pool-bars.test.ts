import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { storedBars, typedBars } from './pool-bars.ts';
import { emptyType } from './ticket-type-form.ts';

test('bars of ticket types are in percent of the pool, counted in seats', () => {
  const [family, adult] = storedBars(
    [
      aTicketType({ id: 't1', name: 'Family', seats: 4, limit: 5, held: 1, sold: 2 }),
      aTicketType({ id: 't2', name: 'Adult', seats: 1, held: 3, sold: 10 }),
    ],
    40,
  );
  expect(family).toMatchObject({ soldPart: 20, heldPart: 10, mark: 50, sold: 2, held: 1 });
  expect(adult).toMatchObject({ soldPart: 25, heldPart: 7.5, mark: null });
});

test('a limit that the pool does not reach, and that of an extra, have no mark', () => {
  const bars = storedBars(
    [aTicketType({ seats: 1, limit: 40 }), aTicketType({ id: 't2', seats: 0, limit: 3, sold: 2 })],
    40,
  );
  expect(bars.map(({ mark, soldPart }) => [mark, soldPart])).toEqual([
    [null, 0],
    [null, 0],
  ]);
});

test('an archived type has a bar as long as tickets of it are held or sold', () => {
  const types = [aTicketType({ id: 't1', archived: true, sold: 1 }), aTicketType({ id: 't2', archived: true })];
  expect(storedBars(types, 10).map(({ key }) => key)).toEqual(['t1']);
});

test('bars follow what is typed, and invalid numbers count as none', () => {
  const typed = [
    { ...emptyType(), key: 't1', name: ' Adult ', seats: '2', limit: '10' },
    { ...emptyType(), seats: 'x', limit: 'y' },
  ];
  const countsOf = (key: string) => (key === 't1' ? { held: 0, sold: 5 } : { held: 0, sold: 0 });
  expect(typedBars(typed, 100, countsOf)).toMatchObject([
    { name: 'Adult', soldPart: 10, mark: 20 },
    { seats: 0, limit: null, mark: null },
  ]);
  expect(typedBars(typed, 0, countsOf)[0]).toMatchObject({ soldPart: 0, mark: null });
});
