/** A part of a text: plain, or an address with the link that it leads to. */
interface TextPart {
  text: string;
  href?: string;
}

/** Links of one text; more are shown as text. */
const MOST_LINKS = 50;
const LONGEST_ADDRESS = 1_000;

/** An address of the web or of a mailbox, as people write them: up to the next space, quote or angle bracket. */
const ADDRESS =
  /(?:https?:\/\/|www\.)[^\s<>"“”„«»]{1,1000}|(?<![\w.+-])[\w.+-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,5}/giu;

/** Splits a text of people at the addresses in it. Only http, https and mail addresses become links. */
export function linkedParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let [end, links] = [0, 0];
  for (const match of text.matchAll(ADDRESS)) {
    if (links === MOST_LINKS) break;
    const address = withoutPunctuation(match[0]);
    const href = hrefOf(address);
    if (href === null) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: address, href });
    end = match.index + address.length;
    links += 1;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** A full stop or a bracket after an address belongs to the sentence, unless the bracket was opened in the address. */
function withoutPunctuation(address: string): string {
  let rest = address;
  for (;;) {
    const shorter = rest.replace(/[.,;:!?'’…]+$/u, '');
    const isUnopened = /[)\]]$/.test(shorter) && count(shorter, /[([]/g) < count(shorter, /[)\]]/g);
    if (shorter === rest && !isUnopened) return rest;
    rest = isUnopened ? shorter.slice(0, -1) : shorter;
  }
}

function count(text: string, sign: RegExp): number {
  return text.match(sign)?.length ?? 0;
}

/** Null for what is no address, and for one that shows another site than it leads to ("https://shop.example@evil.example"). */
function hrefOf(address: string): string | null {
  if (address.length > LONGEST_ADDRESS) return null;
  const isWeb = /^(?:https?:|www\.)/i.test(address);
  if (!isWeb) return `mailto:${encodeURIComponent(address).replace('%40', '@')}`;
  const full = /^www\./i.test(address) ? `https://${address}` : address;
  if (!URL.canParse(full)) return null;
  const { protocol, username, password, hostname, href } = new URL(full);
  const isPlain = username === '' && password === '' && hostname.includes('.');
  return isPlain && (protocol === 'https:' || protocol === 'http:') ? href : null;
}
