/** The UID of a calendar file (RFC 5545), by which calendars recognise a new version of an entry. */
export function uidOf(file: string): string | undefined {
  return /^UID:(\S+)/m.exec(file)?.[1];
}

/** The SEQUENCE of a calendar file; calendars keep the entry with the highest. */
export function sequenceOf(file: string): number {
  return Number(/^SEQUENCE:(\d+)/m.exec(file)?.[1]);
}
