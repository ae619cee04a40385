import type { Locale } from '#shared/account.ts';
import { locale } from '#shared/account.ts';

/** The supported language with the highest weight in an `Accept-Language` header; English if there is none. */
export function preferredLocale(header: string | undefined): Locale {
  return namedLocale(header) ?? 'en';
}

/** The same, but null if the header names no supported language. */
export function namedLocale(header: string | undefined): Locale | null {
  const preferences = (header ?? '').slice(0, 500).split(',').map(preferenceOf);
  for (const { language } of preferences.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)) {
    const known = locale.safeParse(language);
    if (known.success) return known.data;
  }
  return null;
}

function preferenceOf(part: string): { language: string; weight: number } {
  const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
  const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
  return { language: tag.split('-')[0] ?? '', weight: quality === undefined ? 1 : Number(quality) || 0 };
}
