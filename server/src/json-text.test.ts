import { expect, test, vi } from 'vitest';
import { jsonTextOf, withJsonText } from './json-text.ts';

test('the JSON text of an object is made once, when it is first sent', () => {
  const make = vi.fn(() => '{"a":1}');
  const value = withJsonText({ a: 1 }, make);
  expect(make).not.toHaveBeenCalled();
  expect([jsonTextOf(value), jsonTextOf(value)]).toEqual(['{"a":1}', '{"a":1}']);
  expect(make).toHaveBeenCalledOnce();
});

test('the JSON text of an object is seen by nothing else', () => {
  const value = withJsonText({ a: 1 }, () => 'x');
  expect(Object.keys(value)).toEqual(['a']);
  expect(JSON.stringify(value)).toBe('{"a":1}');
  expect(value).toEqual({ a: 1 });
  expect(jsonTextOf({ ...value })).toBeNull();
});

test.each([[{}], [[]], ['text'], [1], [null], [undefined]])('there is no JSON text of %j', (value) => {
  expect(jsonTextOf(value)).toBeNull();
});
