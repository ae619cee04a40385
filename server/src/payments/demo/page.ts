import { createHash } from 'node:crypto';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import { moneyText } from '#shared/money/money-text.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import { TEST_CARDS } from './test-cards.ts';
import { DEMO_WORDS } from './words.ts';

const STYLE = `:root{color-scheme:light dark;--ink:light-dark(#1c2130,#eff1f5);--soft:light-dark(#4a5060,#b9bfcc);
--line:light-dark(#d9dce3,#3a4152);--bg:light-dark(#fafbfc,#12151d);--card:light-dark(#fff,#1b202b);
--bad:light-dark(#a3201c,#ffb3ad);--badwash:light-dark(#fdeceb,#46211f)}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem}
.demo{margin:0;padding:.5rem 1rem;text-align:center;background:var(--ink);color:var(--bg)}
fieldset,dl{margin:0 0 1.5rem;padding:1rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}
legend{padding:0 .25rem;font-weight:600}label{display:flex;gap:.75rem;min-height:2.75rem;padding:.5rem 0;align-items:baseline}
code{font:inherit;font-variant-numeric:tabular-nums;white-space:nowrap}
dt{color:var(--soft)}dd{margin:0 0 .5rem;font-weight:600;overflow-wrap:anywhere}dd:last-child{margin:0}
button{width:100%;min-height:2.75rem;border:0;border-radius:.5rem;background:var(--ink);color:var(--bg);
font:inherit;font-weight:600;cursor:pointer}a{color:inherit;display:inline-block;padding:.75rem 0}
.bad{padding:.75rem 1rem;border-radius:.5rem;background:var(--badwash);color:var(--bad)}
:focus-visible{outline:3px solid;outline-offset:2px}`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The page's Content-Security-Policy: its one style, its icon, and its one form, which leads back to the shop. */
export function pagePolicy(returnUrl: string): string {
  const form = `form-action 'self' ${new URL(returnUrl).origin}`;
  return `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src 'self'; ${form}; frame-ancestors 'none'; base-uri 'none'`;
}

interface DemoPage {
  checkout: DemoCheckoutDoc;
  /** The hold's end as of now; null if the seats are not held any more. */
  heldUntil: Date | null;
}

/** The payment page as HTML, without a script. */
export function renderPage({ checkout, heldUntil }: DemoPage): string {
  const { locale } = checkout;
  const words = DEMO_WORDS[locale];
  const body = checkout.status === 'open' ? openPart(checkout, heldUntil) : closedPart(checkout);
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="/icon.svg" type="image/svg+xml"><title>${words.title}</title><style>${STYLE}</style></head>
<body><header><p class="demo">${words.demo}</p></header><main><h1>${words.title}</h1>
${body}
</main></body></html>
`;
}

function openPart(checkout: DemoCheckoutDoc, heldUntil: Date | null): string {
  const words = DEMO_WORDS[checkout.locale];
  const until = heldUntil ? words.heldUntil(clockTime(checkout, heldUntil)) : words.notHeld;
  const alert = checkout.declined ? `<p class="bad" role="alert">${words.declined}</p>` : '';
  return `${alert}<p>${until}</p>
<form method="post">
<fieldset><legend>${words.card}</legend>${cardChoices(checkout)}</fieldset>
${summary(checkout)}
<button>${words.pay(money(checkout, checkout.amount))}</button>
</form>
<p><a href="${escapeHtml(checkout.returnUrl)}">${words.back}</a></p>`;
}

function cardChoices({ locale }: DemoCheckoutDoc): string {
  const words = DEMO_WORDS[locale];
  const choices = Object.entries(TEST_CARDS).map(([number, effect], index) => {
    const grouped = number.replace(/(\d{4})(?=\d)/g, '$1 ');
    const checked = index === 0 ? ' checked' : '';
    const field = `<input type="radio" name="card" value="${number}"${checked}>`;
    return `<label>${field}<span><code>${grouped}</code> ${words.cards[effect]}</span></label>`;
  });
  return choices.join('');
}

/** Event, seats, tickets with their prices and what a voucher took off, and total, directly above the button. */
function summary(checkout: DemoCheckoutDoc): string {
  const words = DEMO_WORDS[checkout.locale];
  const what = `<bdi>${escapeHtml(checkout.title)}</bdi><br><bdi>${escapeHtml(checkout.venue)}</bdi><br>${dateTime(checkout)}`;
  return `<dl><dt>${words.seats(checkout.seats)}</dt><dd>${what}</dd>
${ticketLines(checkout)}<dt>${words.total}</dt><dd>${money(checkout, checkout.amount)}</dd></dl>`;
}

function ticketLines(checkout: DemoCheckoutDoc): string {
  const words = DEMO_WORDS[checkout.locale];
  const lines = (checkout.lines ?? []).map(({ name, count, amount, discount = 0 }) => {
    const each = count > 1 ? ` <small>(${words.each(money(checkout, amount))})</small>` : '';
    const off = discount > 0 ? `<br><small>${words.off(money(checkout, count * discount))}</small>` : '';
    const cost = money(checkout, count * amount);
    return `<dt>${count} × <bdi>${escapeHtml(name)}</bdi></dt><dd>${cost}${each}${off}</dd>\n`;
  });
  return lines.join('');
}

function closedPart(checkout: DemoCheckoutDoc): string {
  const words = DEMO_WORDS[checkout.locale];
  const status = { processing: words.processing, paid: words.paid, ended: words.ended, open: '' }[checkout.status];
  return `<p role="status">${status}</p>${summary(checkout)}
<p><a href="${escapeHtml(checkout.returnUrl)}">${words.return}</a></p>`;
}

const REGION = { en: 'en-GB', de: 'de-DE' } as const;

/** `amount`: in minor units. */
function money({ currency, locale }: DemoCheckoutDoc, amount: number): string {
  return moneyText({ amount, currency }, REGION[locale]);
}

/** With the time zone, because the shop's page showed the time on the buyer's own clock. */
function clockTime({ locale, timeZone }: DemoCheckoutDoc, at: Date): string {
  return venueTimeFormat(locale, timeZone, { hour: '2-digit', minute: '2-digit' })(at);
}

function dateTime({ locale, timeZone, startsAt }: DemoCheckoutDoc): string {
  const day = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const options = { ...day, hour: '2-digit', minute: '2-digit', timeZoneName: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(REGION[locale], options).format(startsAt);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
