import { linkedParts } from './linked-parts.ts';

/** A part of a line: text, perhaps with a link, or emphasised parts. */
export type Inline =
  { look: 'text'; text: string; href?: string } | { look: 'em'; parts: Inline[] } | { look: 'strong'; parts: Inline[] };

/** A paragraph, or the items of a list. Each has its lines as they were written. */
type DescriptionBlock =
  { kind: 'paragraph'; parts: Inline[] } | { kind: 'ul' | 'ol'; items: Inline[][]; start: number };

/**
 * Emphasis and links, none of which reaches over the mark that opens another of its kind: reading a text takes time in
 * proportion to its length, whatever it holds.
 */
const MARKED = new RegExp(
  [
    String.raw`\*\*(?!\s)([^*\n]+)(?<!\s)\*\*`,
    String.raw`\*(?!\s)([^*\n]+)(?<!\s)\*`,
    String.raw`(?<![\p{L}\p{N}_])_(?!\s)([^_\n]+)(?<!\s)_(?![\p{L}\p{N}_])`,
    String.raw`\[([^[\]\n]{1,200})\]\(([^\s()<>]{1,1000})\)`,
  ].join('|'),
  'gu',
);

const ITEM = /^ {0,3}(?:([-*•])|(\d{1,3})[.)])\s+(?=\S)/;

/**
 * Reads a description that people wrote with a little Markdown: paragraphs, lists, emphasis and links; all else is text.
 * The result is data, which a component renders: no markup of the text ever becomes markup of the page.
 */
export function parseMarkdown(text: string): DescriptionBlock[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .flatMap((chunk) => blocksOf(chunk.split('\n').filter((line) => line.trim() !== '')));
}

function blocksOf(lines: readonly string[]): DescriptionBlock[] {
  const blocks: DescriptionBlock[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', parts: inlinesOf(paragraph.join('\n')) });
    paragraph = [];
  };
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item === null) {
      paragraph.push(line);
      continue;
    }
    endParagraph();
    addItem(blocks, item, inlinesOf(line.slice(item[0].length)));
  }
  endParagraph();
  return blocks;
}

/** Adds an item to the list before it, if that is of its kind. */
function addItem(blocks: DescriptionBlock[], [, bullet, number]: RegExpExecArray, parts: Inline[]): void {
  const kind = bullet === undefined ? 'ol' : 'ul';
  const last = blocks.at(-1);
  if (last?.kind === kind) last.items.push(parts);
  else blocks.push({ kind, items: [parts], start: Number(number ?? 1) });
}

function inlinesOf(text: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKED)) {
    const [whole, strong, star, underscore, label, address] = match;
    const marked = markedPart(strong, star ?? underscore, label, address);
    if (marked === null) continue;
    parts.push(...plain(text.slice(end, match.index)), marked);
    end = match.index + whole.length;
  }
  return [...parts, ...plain(text.slice(end))];
}

/** Null for a link that leads nowhere: it stays text. */
function markedPart(
  strong: string | undefined,
  emphasis: string | undefined,
  label: string | undefined,
  address: string | undefined,
): Inline | null {
  if (strong !== undefined) return { look: 'strong', parts: plain(strong) };
  if (emphasis !== undefined) return { look: 'em', parts: plain(emphasis) };
  const href = hrefOf(address ?? '');
  return href === null ? null : { look: 'text', text: label ?? '', href };
}

/** Text with the addresses in it as links. */
function plain(text: string): Inline[] {
  return linkedParts(text).map((part) => ({ look: 'text', ...part }));
}

/** Only what `linkedParts` takes for one address, to its end, is one. */
function hrefOf(address: string): string | null {
  const [part, ...others] = linkedParts(address.replace(/^mailto:/i, ''));
  return others.length === 0 ? (part?.href ?? null) : null;
}

/** The text without marks, in one line, for previews. */
export function plainTextOf(text: string): string {
  const ofParts = (parts: readonly Inline[]): string =>
    parts.map((part) => (part.look === 'text' ? part.text : ofParts(part.parts))).join('');
  const blocks = parseMarkdown(text).map((block) =>
    block.kind === 'paragraph' ? ofParts(block.parts) : block.items.map(ofParts).join(' · '),
  );
  return blocks.join(' ').replace(/\s+/g, ' ').trim();
}
