import type { Locale } from '#shared/account.ts';
import { locale } from '#shared/account.ts';

/** The first language of an `Accept-Language` header that we speak, by its weights; English else. */
export function preferredLocale(header: string | undefined): Locale {
  const wishes = (header ?? '').slice(0, 500).split(',').map(wishOf);
  for (const { language } of wishes.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)) {
    const known = locale.safeParse(language);
    if (known.success) return known.data;
  }
  return 'en';
}

function wishOf(part: string): { language: string; weight: number } {
  const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
  const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
  return { language: tag.split('-')[0] ?? '', weight: quality === undefined ? 1 : Number(quality) || 0 };
}
