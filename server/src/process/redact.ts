/** Names of fields whose values admit somebody. */
const SECRET = String.raw`[\w-]*password\w*|[\w-]*token|secret|authorization|(?:set-)?cookie`;

/** Replaces what a log must not hold, and how it is recognised. */
const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // User and password in an address, as in MONGO_URI and SMTP_URL.
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@"'\\]+@/gi, '$1[secret]@'],
  // Fields and headers, and those of a document that is quoted in a text.
  [new RegExp(String.raw`"(${SECRET})":\s*"(?:[^"\\]|\\.)*"`, 'gi'), '"$1":"[secret]"'],
  [new RegExp(String.raw`\\"(${SECRET})\\":\s*\\"(?:(?!\\").)*\\"`, 'gi'), String.raw`\"$1\":\"[secret]\"`],
  // A code of six digits signs in; one of letters is an error's.
  [/"code":\s*"\d{6}"/g, '"code":"[secret]"'],
  [/\b(Bearer|ApplePass)\s+[\w.~+/-]+=*/gi, '$1 [secret]'],
  [/\b(session|device)=[^;\s"\\]+/g, '$1=[secret]'],
  // The tokens of sessions (RFC 7519), which begin with {" in base64.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[secret]'],
  // Stripe's keys.
  [/\b(?:[sr]k_(?:live|test)|whsec)_\w+/g, '[secret]'],
  // Links that sign in, verify or pay.
  [/([?&](?:token|code|key|signature|payment)=)[^&\s"\\<>]+/gi, '$1[secret]'],
  // The keys of links that open a ticket.
  [/\/(t|ticket-links)\/[12][\w.-]{20,}/g, '/$1/[secret]'],
  // Mail addresses.
  [/[^\s"'<>()[\]\\:;,=/]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu, '[address]'],
];

/**
 * A line of the log without passwords, tokens, keys, cookies, links that admit, and mail addresses: errors of libraries
 * quote what they were given.
 */
export function redacted(line: string): string {
  return RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
