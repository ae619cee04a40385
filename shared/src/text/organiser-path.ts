/** The path of an organiser's page, without a language. */
export function organiserPath(name: string): string {
  return `/organisers/${encodeURIComponent(name)}`;
}
