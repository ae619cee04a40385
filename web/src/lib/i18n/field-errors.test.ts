import { expect, test } from 'vitest';
import { fieldErrors } from './field-errors.ts';

const issue = (field: string, code: string) => ({ path: [field], code, message: '' });

test('each field has the message of its first issue', () => {
  expect(
    fieldErrors([
      issue('email', 'invalid_format'),
      issue('password', 'too_small'),
      issue('password', 'custom'),
      issue('totalSeats', 'too_big'),
      issue('startsAt', 'invalid_format'),
      issue('endsAt', 'past'),
      issue('title', 'too_big'),
      issue('name', 'too_small'),
      issue('venue', 'custom'),
    ]),
  ).toEqual({
    email: 'Please enter an email address.',
    password: 'At least 8 characters.',
    totalSeats: 'Too large.',
    startsAt: 'Please enter a date and time.',
    endsAt: 'This is in the past. Only a draft may begin in the past.',
    title: 'Too long.',
    name: 'Please fill this in.',
    venue: 'Please fill this in.',
  });
});

test('an issue of a price belongs to its amount or its currency field', () => {
  const issues = [
    { path: ['price', 'amount'], code: 'too_big', message: '' },
    { path: ['price', 'currency'], code: 'custom', message: '' },
  ];
  expect(fieldErrors(issues)).toEqual({
    price: 'Please enter an amount such as 12.50.',
    currency: 'This does not fit.',
  });
});

test('without issues there are no field errors', () => {
  expect(fieldErrors(undefined)).toEqual({});
});
