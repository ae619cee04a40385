import { overwriteGetLocale, toLocale } from '#lib/paraglide/runtime.js';

// A page never changes its language without a full load, so it is read once and not from the address at each message.
const locale = toLocale(document.documentElement.lang) ?? 'en';
overwriteGetLocale(() => locale);
