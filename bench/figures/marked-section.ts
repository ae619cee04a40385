import { format, resolveConfig } from 'prettier';
import { WrongOption } from '../../scripts/command-line/values.ts';

const END = '<!-- End of the figures -->';

/** A document with a part that a command writes, between two marker lines. */
interface MarkedDocument {
  /** Path from the project's folder. */
  file: string;
  /** The recorded figures that the part is made from. */
  figuresFile: string;
  /** Argument of `npm run bench --` that writes the part. */
  command: string;
}

/** The document's text with this section between its markers, laid out by Prettier. */
export async function withSection(
  { file, figuresFile, command }: MarkedDocument,
  text: string,
  section: string,
): Promise<string> {
  const begin = `<!-- Figures from ${figuresFile}, written by: npm run bench -- ${command} -->`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new WrongOption(`${file} has no lines "${begin}" and "${END}".`);
  const path = new URL(`../../${file}`, import.meta.url);
  return format(`${before}${begin}\n\n${section}\n\n${END}${after}`, {
    ...(await resolveConfig(path)),
    parser: 'markdown',
  });
}

/** The lines of a table in Markdown. */
export function tableLines(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [headings, headings.map(() => '---'), ...rows].map((columns) => `| ${columns.join(' | ')} |`);
}

/** "28 November 2025" for a date that begins with "2025-11-28". */
export function dayText(date: string): string {
  return new Date(date.slice(0, 10)).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
}
