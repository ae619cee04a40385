import { expect, test } from 'vitest';
import { aBooking } from '../fixtures.ts';
import { holdHint } from './hold-hint.ts';

const NOW = Date.parse('2026-10-14T18:00:00.000Z');
const held = aBooking({ status: 'held', holdExpiresAt: '2026-10-14T18:09:30.000Z' });

test('the hold hint names the event of the hold and expires with it', () => {
  expect(holdHint(held, NOW, false)).toBe(`has_hold=${held.eventId}; Max-Age=570; Path=/; SameSite=Lax`);
  expect(holdHint({ ...held, source: 'waitlist' }, NOW, true)).toBe(
    'has_hold=offer; Max-Age=570; Path=/; SameSite=Lax; Secure',
  );
});

test('without a running hold the hold hint is deleted', () => {
  for (const over of [undefined, { ...held, holdExpiresAt: '2026-10-14T18:00:00.000Z' }])
    expect(holdHint(over, NOW, false)).toBe('has_hold=; Max-Age=0; Path=/; SameSite=Lax');
});
