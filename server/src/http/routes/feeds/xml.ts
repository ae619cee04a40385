const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of people in an XML document, without the characters that XML 1.0 has no way to write. */
export function xmlText(value: string): string {
  const written = value.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, ' ').toWellFormed();
  return written.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
