import type { Locale } from '#shared/account.ts';
import { moneyText } from '#shared/money/money-text.ts';
import { isolated } from '#shared/text/isolated.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import { de } from './de.ts';
import { en } from './en.ts';

const CATALOGUES: Readonly<Record<Locale, Record<TextKey, string>>> = { en, de };

export type TextKey = keyof typeof en;

/** English dates and times are British: 24 hours, day before month. */
const INTL: Record<Locale, string> = { en: 'en-GB', de: 'de-DE' };

type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/** Texts of one language with their placeholders filled in, and dates, amounts and seat counts in its format. */
export function createTranslator(locale: Locale) {
  const say: Say = (key, values = {}) =>
    CATALOGUES[locale][key].replace(/\{(\w+)\}/g, (_, name: string) => isolated(String(values[name] ?? '')));
  return {
    locale,
    say,
    seats: (count: number) => say(count === 1 ? 'seats.one' : 'seats.other', { count }),
    /** A date in the venue's time zone, which is named: "Tuesday, 1 December 2026 at 20:00 CET". */
    time: (at: Date, timeZone: string) => venueTimeFormat(locale, timeZone, TIME)(at),
    money: (money: Money) => moneyText(money, INTL[locale]),
  };
}

export type Translator = ReturnType<typeof createTranslator>;

const TIME = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const satisfies Intl.DateTimeFormatOptions;
