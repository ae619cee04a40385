/** A received mail: `header` unfolds and decodes a header, the parts are decoded. */
export interface ReceivedMail {
  to: string[];
  raw: string;
  header(name: string): string;
  text: string;
  html: string;
  calendar: string;
  /** The attached files and inline images but for the calendar file. */
  files: AttachedFile[];
}

export interface AttachedFile {
  name: string;
  type: string;
  /** The Content-ID by which the HTML shows it; '' without one. */
  id: string;
  content: Buffer;
}

/** Reads a mail as it was sent over SMTP, to these addresses. */
export function parseMail(raw: string, to: string[]): ReceivedMail {
  const parts = partsOf(raw);
  const part = (type: string) => parts.find(({ head }) => headerOf(head, 'content-type').startsWith(type))?.body ?? '';
  return {
    to,
    raw,
    header: (name) => decodeWords(headerOf(headOf(raw), name)),
    text: part('text/plain').replaceAll('\r\n', '\n'),
    html: part('text/html'),
    calendar: part('text/calendar'),
    files: parts.flatMap(({ head, raw: body }) => fileOf(head, body)),
  };
}

function fileOf(head: string, body: string): AttachedFile[] {
  const disposition = headerOf(head, 'content-disposition');
  const [type = ''] = headerOf(head, 'content-type').split(';');
  if (disposition === '' || type === 'text/calendar') return [];
  const name = /filename="?([^";]+)/.exec(disposition)?.[1] ?? '';
  const id = headerOf(head, 'content-id').replace(/^<|>$/g, '');
  return [{ name, type, id, content: Buffer.from(body, 'base64') }];
}

function headOf(source: string): string {
  return source.slice(0, source.indexOf('\r\n\r\n'));
}

function partsOf(source: string): { head: string; body: string; raw: string }[] {
  const head = headOf(source);
  const body = source.slice(head.length + 4);
  const boundary = /boundary="([^"]+)"/.exec(unfold(head))?.[1];
  if (!boundary) return [{ head, body: decodeBody(head, body), raw: body }];
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((piece) => partsOf(piece.replace(/^\r\n/, '')));
}

function headerOf(head: string, name: string): string {
  const line = unfold(head)
    .split('\r\n')
    .find((entry) => entry.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

function unfold(head: string): string {
  return head.replace(/\r\n[ \t]+/g, ' ');
}

function decodeBody(head: string, body: string): string {
  const encoding = headerOf(head, 'content-transfer-encoding').toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? unquote(body.replace(/=\r\n/g, '')) : body;
}

function unquote(value: string): string {
  const bytes = value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString('utf8') : unquote(word.replaceAll('_', ' ')),
    );
}
