import { expect, test } from 'vitest';
import { aBooking } from '../fixtures.ts';
import { holdHint } from './hold-hint.ts';

const NOW = Date.parse('2026-10-14T18:00:00.000Z');
const held = aBooking({ status: 'held', holdExpiresAt: '2026-10-14T18:09:30.000Z' });

test('the hint names the event of a hold, and goes with the hold', () => {
  expect(holdHint(held, NOW, false)).toBe(`has_hold=${held.eventId}; Max-Age=570; Path=/; SameSite=Lax`);
  expect(holdHint({ ...held, source: 'waitlist' }, NOW, true)).toBe(
    'has_hold=offer; Max-Age=570; Path=/; SameSite=Lax; Secure',
  );
});

test('where nothing is held, or no longer, the hint is taken away', () => {
  for (const over of [undefined, { ...held, holdExpiresAt: '2026-10-14T18:00:00.000Z' }])
    expect(holdHint(over, NOW, false)).toBe('has_hold=; Max-Age=0; Path=/; SameSite=Lax');
});
