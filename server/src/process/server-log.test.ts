import { expect, test } from 'vitest';
import { createServerLog } from './server-log.ts';

function logTo({ isTerminal, level = 'info' }: { isTerminal: boolean; level?: string }) {
  const lines: string[] = [];
  const addLine = (line: string) => void lines.push(line);
  const made = createServerLog({
    level,
    isTerminal,
    addLine,
    logMethod: (args, method) => method.apply(made.log, args),
  });
  return { ...made, lines };
}

test('every line of a log that no terminal shows is a JSON document, the sentences for a person too', () => {
  const { log, print, lines } = logTo({ isTerminal: false, level: 'error' });
  print('Frontrow is ready at http://localhost:5000 (version 0.1.0)');
  log.warn('A line below the level');
  log.error({ err: new Error('dup key: { email: "alice@example.org" }'), bookingId: 'b1' }, 'A command failed');
  const [ready, failed, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(ready).toMatchObject({ level: 30, msg: 'Frontrow is ready at http://localhost:5000 (version 0.1.0)' });
  expect(failed).toMatchObject({ level: 50, msg: 'A command failed', bookingId: 'b1' });
  expect(JSON.stringify(failed)).not.toContain('alice');
  expect(more).toEqual([]);
  expect(lines.every((line) => line.endsWith('\n'))).toBe(true);
});

test('a log at a terminal is readable text, and the sentences for a person are as they were written', () => {
  const { log, print, lines } = logTo({ isTerminal: true });
  print('Sign in as admin: admin@frontrow.example, password abc.');
  log.info({ address: 'alice@example.org' }, 'Something happened');
  expect(lines[0]).toBe('Sign in as admin: admin@frontrow.example, password abc.\n');
  expect(lines[1]).toMatch(/INFO.*Something happened/);
  expect(lines[1]).toContain('[address]');
});

test('a mail that is logged instead of sent keeps its link', () => {
  const { log, lines } = logTo({ isTerminal: false });
  const link = 'http://localhost:5000/reset?token=abc';
  log.info({ mail: { to: 'alice@example.org', subject: 'A new password', text: link } }, 'A mail was logged');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ mail: { to: 'alice@example.org', text: link } });
});
