import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

test('the path, query and fragment of an address on this site stay', () => {
  for (const path of ['/', '/de/events/1', '/?query=jazz', '/paid?token=a%2Bb#seats', '/a/../b//c'])
    expect(ownPath(path), path).toBe(path.replace('/a/..', ''));
});

test('an address that leads a browser to another site is null', () => {
  const strangers = [
    'https://evil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n\\evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/\u0000/evil.example',
    '/\u0085/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '//[',
    '//user@evil.example:99999',
  ];
  for (const address of strangers) expect(ownPath(address), JSON.stringify(address)).toBeNull();
});

test('a value that is not text is not an address', () => {
  for (const value of [null, undefined, 7, {}, ['/bookings']]) expect(ownPath(value)).toBeNull();
});
