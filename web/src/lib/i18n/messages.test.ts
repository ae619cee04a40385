import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

type Message = string | { match: Record<string, string> }[];

function catalogue(locale: string): Map<string, Message> {
  const file = resolve(import.meta.dirname, `../../../messages/${locale}.json`);
  const { $schema, ...messages } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Message>;
  expect($schema).toBeTypeOf('string');
  return new Map(Object.entries(messages));
}

const texts = (message: Message | undefined) =>
  typeof message === 'string' ? [message] : (message ?? []).flatMap(({ match }) => Object.values(match));
const inputs = (message: Message | undefined) =>
  new Set(texts(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1])));

const english = catalogue('en');
const german = catalogue('de');

test('both catalogues have the same messages', () => {
  expect([...german.keys()]).toEqual([...english.keys()]);
});

test('each message takes the same inputs in both languages', () => {
  for (const [key, message] of english) expect(inputs(german.get(key)), key).toEqual(inputs(message));
});

test('no message is empty or has an exclamation mark', () => {
  for (const messages of [english, german]) {
    for (const [key, message] of messages) {
      for (const text of texts(message)) {
        expect(text.trim(), key).not.toBe('');
        expect(text, key).not.toContain('!');
      }
    }
  }
});

test('German messages address the reader as “Sie”', () => {
  for (const [key, message] of german) {
    for (const text of texts(message)) expect(text, key).not.toMatch(/\b(du|dich|dir|dein\w*)\b/i);
  }
});

test('German messages have “Uhr” only after a time without a zone', () => {
  const barely = [
    'offline_bar',
    'your_time',
    'clock_time',
    'ticket_kept',
    'ticket_as_of',
    'own_ticket_state_inside_at',
    'own_ticket_inside_at',
    'check_in_repeated_at',
  ];
  const withClock = [...german].filter(([, message]) => texts(message).some((text) => /\{time\}\sUhr/.test(text)));
  expect(withClock.map(([key]) => key)).toEqual(barely);
});

test('every message is used', () => {
  const root = resolve(import.meta.dirname, '../..');
  const files = globSync('**/*.{svelte,ts}', { cwd: root, exclude: ['**/paraglide/**'] });
  const source = files.map((file) => readFileSync(resolve(root, file), 'utf8')).join('\n');
  const said = new Set([...source.matchAll(/\bm\.(\w+)/g)].map((found) => found[1]));
  expect([...english.keys()].filter((key) => !said.has(key))).toEqual([]);
});
