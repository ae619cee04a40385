import { getLocale } from '#lib/paraglide/runtime.js';

const WORDS = {
  de: /(?<![\p{L}])(?:der|die|das|dem|den|des|und|oder|ein|eine|im|am|mit|für|von|vom|zu|zum|zur|auf|aus|bei|nach|über|ist|nicht|ohne)(?![\p{L}])/giu,
  en: /(?<![\p{L}])(?:the|a|an|and|or|of|in|on|at|with|for|from|to|by|is|not|without|your|our)(?![\p{L}])/giu,
};

/**
 * The language of a title, for its hyphens and its pronunciation: German or English by its commonest words and by
 * letters that English lacks. Undefined (the page's language) if that tells nothing; "" (unknown) in other scripts.
 */
export function textLanguage(text: string): string | undefined {
  if (!/\p{Script=Latin}/u.test(text)) return /\p{L}/u.test(text) ? '' : undefined;
  const german = (text.match(WORDS.de)?.length ?? 0) + (/[äöüß]/i.test(text) ? 1 : 0);
  const english = text.match(WORDS.en)?.length ?? 0;
  const language = german === english ? undefined : german > english ? 'de' : 'en';
  return language === getLocale() ? undefined : language;
}
