import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Finding } from './glossary-rules.ts';
import { bannedWordsIn, bannedWordsInHeadings } from './glossary-rules.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Names that may keep a banned word, each with its reason. */
const EXCEPTIONS: readonly { file: RegExp; where: RegExp; reason: string }[] = [
  {
    file: /./,
    where: /^(?:troubles|listPaymentTroubles)$/,
    reason: 'A command of the wire contract, and a field of its data.',
  },
  { file: /./, where: /^callingOff$/, reason: 'A field of the wire contract.' },
  { file: /metrics/, where: /^frontrow_commands_in_work$/, reason: 'Dashboards know the metric by this name.' },
  { file: /routes\/admin/, where: /^door$/, reason: 'The address of the page is door, its name for people.' },
  {
    file: /./,
    where: /doors|^doorTime$/i,
    reason: 'The time from which an event lets people in, by its name in the wire contract, or of schema.org.',
  },
  { file: /wallet/, where: /^reservationInfo$/, reason: 'A field of Google Wallet.' },
  { file: /crowd\/options/, where: /^parties$/, reason: 'People type the option --parties.' },
  { file: /./, where: /^(?:pause|pauseAt)$/, reason: 'Methods of Playwright’s clock and of ws.' },
];

/** Folders of packages and of generated files. */
const NOT_OURS = /(?:^|\/)(?:node_modules|build|\.svelte-kit|paraglide|project\.inlang)(?:\/|$)/;
const CODE = ['*.{ts,js}', '{shared,server,web,scripts,bench,e2e}/**/*.{ts,js,svelte}'];

function filesOf(patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: (file) => NOT_OURS.test(file) });
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

let found: readonly Finding[] | undefined;

/** The banned words in all code. Parsing it takes seconds, so it is done once. */
function findingsInCode(): readonly Finding[] {
  return (found ??= filesOf(CODE).flatMap((file) => bannedWordsIn(file, textOf(file))));
}

function isException({ file, where }: Finding): boolean {
  return EXCEPTIONS.some((exception) => exception.file.test(file) && exception.where.test(where));
}

describe('the glossary', () => {
  it('finds no banned word in an identifier, file name, log line or title', () => {
    expect(filesOf(CODE).length).toBeGreaterThan(500);
    const findings = findingsInCode().filter((one) => !isException(one));
    expect(findings.map(({ file, where, word }) => `${file}: "${where}" has "${word}"`)).toEqual([]);
  });

  it('needs each of its exceptions', () => {
    const findings = findingsInCode();
    const unused = EXCEPTIONS.filter(
      ({ file, where }) => !findings.some((one) => file.test(one.file) && where.test(one.where)),
    );
    expect(unused.map(({ reason }) => reason)).toEqual([]);
  });

  it('finds a banned word in an identifier, a file name, a title and a log line', () => {
    const code = "function createTill() {}\nit('tells nobody', () => log.warn('A guest came'));\nconst partySize = 1;";
    const words = bannedWordsIn('server/src/door.ts', code).map(({ where, word }) => `${where}: ${word}`);
    expect(words.toSorted()).toEqual(
      [
        'A guest came: guest',
        'createTill: till',
        'door: door',
        'tells nobody: nobody',
        'tells nobody: tell',
      ].toSorted(),
    );
  });

  it('finds no banned word in the heading of a document', () => {
    const files = filesOf(['*.md', 'docs/**/*.md']);
    const findings = files
      .flatMap((file) => bannedWordsInHeadings(file, textOf(file)))
      .filter((one) => !isException(one));
    expect(findings).toEqual([]);
  });
});
