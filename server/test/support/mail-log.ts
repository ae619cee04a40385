import { expect } from 'vitest';

interface LoggedMail {
  to: string;
  subject: string;
  text: string;
}

/** The log of a server without a mail server: it has every mail. */
export function mailLog() {
  const mails: LoggedMail[] = [];

  function codesTo(email: string): string[] {
    const own = mails.filter(({ to }) => to === email);
    return own.flatMap(({ text }) => /^\d{6}$/m.exec(text)?.[0] ?? []);
  }

  return {
    log: {
      write(line: string): void {
        const { mail } = JSON.parse(line) as { mail?: LoggedMail };
        if (mail) mails.push(mail);
      },
    },
    mails,
    codesTo,
    /** Waits for the `count`th mailed code to this address, in its canonical form. */
    async codeTo(email: string, count = 1): Promise<string> {
      await expect.poll(() => codesTo(email).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
      return codesTo(email)[count - 1] as string;
    },
  };
}

export type MailLog = ReturnType<typeof mailLog>;
