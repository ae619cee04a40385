/** A part of a mail. All content is plain text: markup in it is escaped. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'facts'; facts: readonly (readonly [label: string, value: string])[] }
  | { kind: 'button'; label: string; url: string }
  | { kind: 'code'; code: string };

/** The content of a mail, before `renderMail` adds greeting, footer and HTML. */
export interface Mail {
  subject: string;
  blocks: readonly Block[];
  /** The attached calendar file (iCalendar). */
  calendar?: string;
}

export function text(value: string): Block {
  return { kind: 'text', text: value };
}

export function facts(...lines: readonly (readonly [label: string, value: string])[]): Block {
  return { kind: 'facts', facts: lines };
}

export function button(label: string, url: string): Block {
  return { kind: 'button', label, url };
}

/** A code to be typed or copied, on a line of its own. */
export function code(value: string): Block {
  return { kind: 'code', code: value };
}
