/** A piece of a mail, in the order it is read. All of it is text: markup in it is shown, never followed. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'facts'; facts: readonly (readonly [label: string, value: string])[] }
  | { kind: 'button'; label: string; url: string };

/** What a mail says, before it is laid out. */
export interface Mail {
  subject: string;
  blocks: readonly Block[];
  /** A calendar file that goes with it. */
  calendar?: string;
}

export function text(words: string): Block {
  return { kind: 'text', text: words };
}

export function facts(...lines: readonly (readonly [label: string, value: string])[]): Block {
  return { kind: 'facts', facts: lines };
}

export function button(label: string, url: string): Block {
  return { kind: 'button', label, url };
}
