import type { LoggerOptions } from 'pino';
import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { redacted } from './redact.ts';

interface ServerLogOptions {
  /** Lowest level that is written. */
  level: string;
  /** Whether a person reads the log at a terminal. */
  isTerminal: boolean;
  /** Takes a line with its line feed. */
  addLine(line: string): void;
  logMethod: NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;
}

/** Named by the mailer, whose lines hold a mail with its links: there is no other way to read it while none is sent. */
const WHOLE = '"mail":{"to":';

/**
 * The log of the process. Each line is a JSON document, or readable text where a terminal shows it; secrets and mail
 * addresses are left out of both.
 */
export function createServerLog({ level, isTerminal, addLine, logMethod }: ServerLogOptions) {
  const toText = isTerminal ? prettyFactory({ ignore: 'pid,hostname' }) : (line: string) => line;
  const write = (line: string) => addLine(toText(line.includes(WHOLE) ? line : redacted(line)));
  const announcements = pino({ level: 'info' }, { write: addLine });
  return {
    log: pino({ level, hooks: { logMethod } }, { write }),
    /** Writes a sentence for the person who starts the server, independent of the level and as it is. */
    print(sentence: string): void {
      if (isTerminal) addLine(`${sentence}\n`);
      else announcements.info(sentence);
    },
  };
}
