import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, plainTextOf, type Inline } from './markdown.ts';

const text = (value: string): Inline => ({ look: 'text', text: value });
const paragraph = (...parts: Inline[]) => ({ kind: 'paragraph', parts });

/** All parts of a description, those within emphasis too. */
function partsOf(description: string): Inline[] {
  const inner = (parts: Inline[]): Inline[] =>
    parts.flatMap((part) => (part.look === 'text' ? [part] : [part, ...inner(part.parts)]));
  return parseMarkdown(description).flatMap((block) =>
    block.kind === 'paragraph' ? inner(block.parts) : block.items.flatMap(inner),
  );
}

const hrefsOf = (description: string) =>
  partsOf(description).flatMap((part) => (part.look === 'text' && part.href !== undefined ? [part.href] : []));

describe('a description', () => {
  it('has a paragraph between empty lines, and keeps single line breaks', () => {
    expect(parseMarkdown('One\ntwo\n \n\nThree')).toEqual([paragraph(text('One\ntwo')), paragraph(text('Three'))]);
    expect(parseMarkdown(' \n\n')).toEqual([]);
  });

  it('has strong and emphasised words', () => {
    expect(parseMarkdown('a **b c** *d* _e_')).toEqual([
      paragraph(
        text('a '),
        { look: 'strong', parts: [text('b c')] },
        text(' '),
        { look: 'em', parts: [text('d')] },
        text(' '),
        { look: 'em', parts: [text('e')] },
      ),
    ]);
  });

  it.each(['2 * 3 * 4', 'snake_case_name', '** spaced **', '5*', '*', '_ _', 'a*\n*b'])('leaves %j as text', (line) => {
    expect(partsOf(line).every(({ look }) => look === 'text')).toBe(true);
  });

  it('has lists, whose numbers go on from the first', () => {
    expect(parseMarkdown('Bring:\n- shoes\n* a *hat*\n3. third\n4) fourth\nEnd')).toEqual([
      paragraph(text('Bring:')),
      { kind: 'ul', items: [[text('shoes')], [text('a '), { look: 'em', parts: [text('hat')] }]], start: 1 },
      { kind: 'ol', items: [[text('third')], [text('fourth')]], start: 3 },
      paragraph(text('End')),
    ]);
    expect(parseMarkdown('-5 degrees\n1984 was a year')).toMatchObject([{ kind: 'paragraph' }]);
  });

  it('has links with words, to the web and to mailboxes', () => {
    expect(parseMarkdown('See [our page](https://example.org/a?b=c).')).toEqual([
      paragraph(text('See '), { look: 'text', text: 'our page', href: 'https://example.org/a?b=c' }, text('.')),
    ]);
    expect(hrefsOf('[Write](mailto:a@example.org) or https://example.org/x')).toEqual([
      'mailto:a@example.org',
      'https://example.org/x',
    ]);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert)',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](//evil.example)',
    '[x](/admin)',
    '[x](https://shop.example@evil.example/)',
    '[x](java\nscript:alert)',
    '[x](&#106;avascript:alert)',
    '![x](x" onerror="alert)',
    '<a href="javascript:alert(1)">x</a>',
    '<script>alert(1)</script>',
  ])('has no link in %j, and all of it as text', (evil) => {
    expect(hrefsOf(evil)).toEqual([]);
    const shown = partsOf(evil).map((part) => (part.look === 'text' ? part.text : ''));
    expect(shown.join('').length).toBeGreaterThan(0);
  });

  it('has only links to the web and to mailboxes, whatever is written', () => {
    const sign = fc.constantFrom(
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      ':',
      '/',
      '\n',
      ' ',
      '-',
      '1.',
      'a',
      'javascript:',
      'https://a.b',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), (signs) => {
        for (const href of hrefsOf(signs.join(''))) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
      }),
    );
  });

  it.each(['*', '**', '_', '[', '[a](', '*a', '_a ', '[a](https://a.b/', '- ', 'a*b_c'])(
    'that repeats %j five thousand signs long is read to its end, without going back over them',
    (part) => {
      const repeated = part.repeat(5_000 / part.length);
      const shown = partsOf(repeated).flatMap((one) => (one.look === 'text' ? [one.text] : []));
      expect(parseMarkdown(repeated).length).toBeGreaterThan(0);
      expect(shown.join('').length).toBeLessThanOrEqual(repeated.length);
    },
  );

  it('is one line without marks in a preview', () => {
    expect(plainTextOf('**Jazz** tonight\n\n- [tea](https://example.org)\n- cake')).toBe('Jazz tonight tea · cake');
  });
});
