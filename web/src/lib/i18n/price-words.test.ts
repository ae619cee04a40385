import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { priceFact, priceWords } from './price-words.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** An event that sells one ticket type for each of these amounts. */
function anEventAt(...amounts: readonly number[]) {
  const ticketTypes = amounts.map((amount, at) =>
    aTicketType({ id: `t${at + 1}`, name: `Type ${at + 1}`, price: euros(amount) }),
  );
  return { price: euros(Math.min(...amounts)), ticketTypes, maxSeatsPerBooking: 10 };
}

test('the fact of a price says what it includes, and of a free event nothing', () => {
  expect(priceFact(anEventAt(2_000))).toBe('€20.00 per seat, all taxes and fees included');
  expect(priceFact(anEventAt(1_200, 2_000))).toBe('from €12.00, all taxes and fees included');
  expect(priceFact(anEventAt(0, 2_000))).toBe('free to €20.00, all taxes and fees included');
  expect([priceFact(anEventAt(0)), priceFact(anEventAt(0, 0))]).toEqual(['Free', 'Free']);
});

test('an extra that costs money makes no free event dear', () => {
  const event = anEventAt(0);
  const parking = aTicketType({ id: 't2', name: 'Parking', price: euros(500), seats: 0 });
  const withExtra = { ...event, ticketTypes: [...event.ticketTypes, parking] };
  expect([priceWords(withExtra), priceFact(withExtra)]).toEqual(['Free', 'Free']);
});
