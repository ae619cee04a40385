import { expect, test } from 'vitest';
import { formAction, isWithPassword, withPassword } from './form-action.ts';

const at = (path: string) => new URL(path, 'https://tickets.example.org');

test('a form action keeps the query of its page, without an action that was sent before', () => {
  expect(formAction('code', at('/login'))).toBe('?/code');
  expect(formAction('code', at('/login?next=%2F%3Fwhen%3Dpast'))).toBe('?/code&next=%2F%3Fwhen%3Dpast');
  expect(formAction('verify', at('/login?/code&next=%2Fbookings'))).toBe('?/verify&next=%2Fbookings');
  expect(formAction(null, at('/login?/verify&next=%2Fbookings'))).toBe('?next=%2Fbookings');
  expect(formAction(null, at('/login?/verify'))).toBe('?');
});

test('the address says which of the two forms a page shows', () => {
  const address = formAction(null, at('/login?next=%2Fbookings'), true);
  expect(address).toBe('?next=%2Fbookings&with=password');
  expect(isWithPassword(at(`/login${address}`))).toBe(true);
  expect(isWithPassword(at('/login?/password&next=%2F'))).toBe(true);
  expect(isWithPassword(at('/login?/code'))).toBe(false);
  for (const href of ['/login', '/de/register?next=%2F']) expect(isWithPassword(at(withPassword(href)))).toBe(true);
  expect(formAction(null, at(`/login${address}`))).toBe('?next=%2Fbookings');
});
