import { describe, expect, test } from 'vitest';
import { CATALOGUES, createTranslator } from './translator.ts';

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the words of mails', () => {
  test('are the same set in both languages, with the same things filled in', () => {
    const { en, de } = CATALOGUES;
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const [word, text] of Object.entries(en)) {
      expect(places(de[word as keyof typeof de]), word).toEqual(places(text));
    }
  });

  test('do not shout, and are never left empty', () => {
    for (const text of Object.values(CATALOGUES).flatMap((words) => Object.values(words))) {
      expect(text).toMatch(/\S/);
      expect(text).not.toContain('!');
    }
  });

  test('German says "Sie"', () => {
    const familiar = /\b(?:du|dich|dir|dein\w*|euch|eure?\w*)\b/i;
    expect(Object.values(CATALOGUES.de).filter((text) => familiar.test(text))).toEqual([]);
  });

  test('take what is filled in as it is, also where it looks like a place to fill', () => {
    expect(createTranslator('en').say('hello', { name: '{title} $& $1' })).toBe('Hello {title} $& $1,');
  });
});

describe('numbers and dates', () => {
  const start = new Date('2026-12-01T19:00:00.000Z');

  test('are those of the venue, in the language of the reader', () => {
    expect(createTranslator('en').time(start, 'Europe/Berlin')).toBe('Tuesday, 1 December 2026 at 20:00 CET');
    expect(createTranslator('de').time(start, 'Europe/Berlin')).toBe('Dienstag, 1. Dezember 2026 um 20:00 MEZ');
    expect(createTranslator('en').time(start, 'America/New_York')).toContain('14:00');
  });

  test('know how many minor units a currency has', () => {
    expect(createTranslator('en').money({ amount: 4_050, currency: 'EUR' })).toBe('€40.50');
    expect(createTranslator('en').money({ amount: 4_050, currency: 'JPY' })).toBe('JP¥4,050');
    expect(createTranslator('en').money({ amount: 4_050, currency: 'KWD' }).replace(/\s/, ' ')).toBe('KWD 4.050');
    expect(createTranslator('de').money({ amount: 4_050, currency: 'EUR' }).replace(/\s/, ' ')).toBe('40,50 €');
  });

  test('count one seat as one', () => {
    expect([createTranslator('de').seats(1), createTranslator('de').seats(2)]).toEqual(['1 Platz', '2 Plätze']);
  });
});
