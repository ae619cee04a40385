/** Names that CLDR, and with it Intl in some browsers and Node versions, keeps where IANA has a newer one. */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** The short names of IANA. Intl knows others too, such as IST and PST, which mean several zones. */
const SHORT = new Set('CET EET EST GB GMT HST MET MST NZ PRC ROC ROK UCT UTC WET'.split(' '));

/**
 * The name of a time zone as IANA spells it, an alias resolved: "europe/berlin" is Europe/Berlin, "US/Eastern"
 * America/New_York. Null for all else, such as "+02:00", which has no daylight-saving time.
 */
export function ianaTimeZone(name: string): string | null {
  const isShort = /^[a-z]{2,3}$/i.test(name);
  if (!/^[a-z]/i.test(name) || /^systemv\//i.test(name) || (isShort && !SHORT.has(name.toUpperCase()))) return null;
  const known = knownTimeZone(name);
  return known === null ? null : (RENAMED[known] ?? known);
}

/** Intl offers no other way than to try. */
function knownTimeZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
