import { searchTextOf } from './search-text.ts';

/** What a category, tag, city or organiser is compared by: without case, accents, hyphens and needless spaces. */
export function filterKeyOf(text: string): string {
  return searchTextOf(text).trim().replace(/\s+/g, ' ');
}

/** The texts without those that are compared like an earlier one. */
export function withoutRepeats(texts: readonly string[]): string[] {
  const keys = texts.map(filterKeyOf);
  return texts.filter((_, place) => keys.indexOf(keys[place] ?? '') === place);
}
