import { describe, expect, it } from 'vitest';
import { filterKeyOf, withoutRepeats } from './filter-key.ts';

describe('what categories, tags and cities are compared by', () => {
  it('ignores case, accents, hyphens and needless spaces', () => {
    expect(filterKeyOf('  Zürich ')).toBe('zurich');
    expect(filterKeyOf('Łódź')).toBe(filterKeyOf('LODZ'));
    expect(filterKeyOf('Stand-up   Comedy')).toBe('standup comedy');
  });

  it('keeps the first of tags that are compared alike', () => {
    expect(withoutRepeats(['Jazz', 'Open Air', 'jazz'])).toEqual(['Jazz', 'Open Air']);
    expect(withoutRepeats(['Jazz', 'Open Air', 'JAZZ', 'open  air', 'Blues'])).toEqual(['Jazz', 'Open Air', 'Blues']);
  });
});
