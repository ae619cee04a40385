import { overwriteGetLocale, toLocale } from '#lib/paraglide/runtime.js';

// A new language needs a full page load, so the locale is read once instead of from the address at each message.
const locale = toLocale(document.documentElement.lang) ?? 'en';
overwriteGetLocale(() => locale);
