import { expect, it } from 'vitest';
import { email } from './email.ts';

it.each([
  ['alice@example.org', 'alice@example.org'],
  ["Alice.O'Brien+tickets@Example.ORG", "alice.o'brien+tickets@example.org"],
  ['info@пример.рф', 'info@xn--e1afmkfd.xn--p1ai'],
  ['INFO@ПРИМЕР.РФ', 'info@xn--e1afmkfd.xn--p1ai'],
  ['info@XN--E1AFMKFD.xn--p1ai', 'info@xn--e1afmkfd.xn--p1ai'],
  ['post@münchen.example', 'post@xn--mnchen-3ya.example'],
  ['post@mu\u0308nchen.example', 'post@xn--mnchen-3ya.example'],
  ['post@faß.example', 'post@xn--fa-hia.example'],
  ['post@例え。テスト', 'post@xn--r8jz45g.xn--zckzah'],
  ['root@localhost', 'root@localhost'],
  ['a.@example.org', 'a.@example.org'],
])('the address %s is stored as %s', (typed, stored) => {
  expect(email.parse(typed)).toBe(stored);
});

it.each([
  '',
  'alice',
  '@example.org',
  'alice@',
  'alice@@example.org',
  'a b@example.org',
  'a@b c',
  'a@example..org',
  'a@-example.org',
  'a@example.org.',
  'é@example.org',
  'a@пример.рф/x',
  'a@пример.рф:25',
  'a@x@пример.рф',
  'a@xn--é.org',
  'a\r\n@example.org',
  `a@${'x'.repeat(64)}.org`,
  `${'a'.repeat(250)}@b.de`,
])('the address %j is refused', (typed) => {
  expect(email.safeParse(typed).success).toBe(false);
});
