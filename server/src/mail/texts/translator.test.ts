import { describe, expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import { createTranslator } from './translator.ts';

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the texts of mails', () => {
  test('have the same keys and placeholders in both languages', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      expect(placeholders(de[key as keyof typeof de]), key).toEqual(placeholders(text));
    }
  });

  test('have no exclamation mark, and are never empty', () => {
    for (const text of [en, de].flatMap((texts) => Object.values(texts))) {
      expect(text).toMatch(/\S/);
      expect(text).not.toContain('!');
    }
  });

  test('address the German reader as "Sie"', () => {
    const familiar = /\b(?:du|dich|dir|dein\w*|euch|eure?\w*)\b/i;
    expect(Object.values(de).filter((text) => familiar.test(text))).toEqual([]);
  });

  test('insert values verbatim, also values that look like a placeholder', () => {
    expect(createTranslator('en').say('hello', { name: '{title} $& $1' })).toBe('Hello {title} $& $1,');
  });

  test('keep values that run from right to left apart from the sentence around them', () => {
    const subject = createTranslator('en').say('offered.subject', { seats: '2 seats', title: 'ערב ג׳אז (2)' });
    expect(subject).toBe('2 seats for you: \u2068ערב ג׳אז (2)\u2069');
  });
});

describe('the dates, amounts and seat counts of mails', () => {
  const start = new Date('2026-12-01T19:00:00.000Z');

  test('show dates in the time zone of the venue and the language of the recipient', () => {
    expect(createTranslator('en').time(start, 'Europe/Berlin')).toBe('Tuesday, 1 December 2026 at 20:00 CET');
    expect(createTranslator('de').time(start, 'Europe/Berlin')).toBe('Dienstag, 1. Dezember 2026 um 20:00 MEZ');
    expect(createTranslator('en').time(start, 'America/New_York')).toContain('14:00 Eastern Standard Time');
  });

  test('show amounts with the decimals of their currency', () => {
    expect(createTranslator('en').money({ amount: 4_050, currency: 'EUR' })).toBe('€40.50');
    expect(createTranslator('en').money({ amount: 4_050, currency: 'JPY' })).toBe('JP¥4,050');
    expect(createTranslator('en').money({ amount: 4_050, currency: 'KWD' }).replace(/\s/, ' ')).toBe('KWD 4.050');
    expect(createTranslator('de').money({ amount: 4_050, currency: 'EUR' }).replace(/\s/, ' ')).toBe('40,50 €');
  });

  test('have a singular for one seat', () => {
    expect([createTranslator('de').seats(1), createTranslator('de').seats(2)]).toEqual(['1 Platz', '2 Plätze']);
  });
});
