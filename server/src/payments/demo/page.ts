import { createHash } from 'node:crypto';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import { moneyText } from '#shared/money/money-text.ts';
import type { posterColors } from '#shared/poster/poster-colors.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import { TEST_CARDS } from './test-cards.ts';
import { DEMO_WORDS } from './words.ts';

const STYLE = `@font-face{font-family:Archivo;src:url(/demo-payment/archivo.woff2) format("woff2");font-weight:100 900;font-stretch:62% 125%;font-display:swap}
:root{color-scheme:light dark;--ink:light-dark(#1c2130,#eff1f5);--soft:light-dark(#4a5060,#b9bfcc);
--line:light-dark(#d9dce3,#3a4152);--bg:light-dark(#fafbfc,#12151d);--card:light-dark(#fff,#1b202b);
--held:light-dark(#7a4a00,#f0c27a);--bad:light-dark(#a3201c,#ffb3ad);--badwash:light-dark(#fdeceb,#46211f)}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.5 Archivo,system-ui,sans-serif}
main,.poster div{max-width:30rem;margin:0 auto;padding-inline:1rem}main{padding-block:1.5rem 4rem}
h1{font-size:1.75rem;line-height:1.1;margin:0 0 1rem;font-weight:750;font-stretch:85%}p{margin:0 0 1rem}
.demo{margin:0;padding:.5rem 1rem;text-align:center;background:var(--ink);color:var(--bg)}
.poster{padding-block:1rem;color:#fff;overflow-wrap:anywhere}.poster p{margin:0}.poster .tint{font-size:.875rem}
.poster .title{font-size:1.25rem;line-height:1.2;font-weight:700;font-stretch:88%;hyphens:auto}
.clock{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;margin:0 0 1rem}
.clock b{font-size:1.875rem;line-height:1.2;font-weight:750;font-stretch:72%;font-variant-numeric:tabular-nums}
.clock[data-stage=soon] b{color:var(--held)}.clock[data-stage=last] b{color:var(--bad)}
details,dl{margin:0 0 1.5rem;padding:.5rem 1rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}dl{padding:1rem}
summary{min-height:2.75rem;padding:.625rem 0;font-weight:600;cursor:pointer}button+details{margin-top:1rem}fieldset{margin:0;padding:0;border:0}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
label{display:flex;gap:.75rem;min-height:2.75rem;padding:.5rem 0;align-items:baseline}
code{font:inherit;font-variant-numeric:tabular-nums;white-space:nowrap}
dt{color:var(--soft)}dd{margin:0 0 .5rem;font-weight:600;overflow-wrap:anywhere}dd:last-child{margin:0;font-size:1.25rem}
button{width:100%;min-height:3rem;border:0;border-radius:.5rem;background:var(--ink);color:var(--bg);
font:inherit;font-weight:600;cursor:pointer}a{color:inherit;display:inline-block;padding:.75rem 0}
.bad{padding:.75rem 1rem;border-radius:.5rem;background:var(--badwash);color:var(--bad)}
:focus-visible{outline:3px solid;outline-offset:2px}`;

/** Counts the hold down by the time that was left when the page was rendered: the buyer's clock may be wrong. */
const SCRIPT = `(()=>{const clock=document.querySelector('[data-left]');if(!clock)return;
const [digits,words]=[clock.querySelector('b'),clock.querySelector('span')];const end=Date.now()+Number(clock.dataset.left);
const show=()=>{const left=Math.max(0,Math.ceil((end-Date.now())/1000));
digits.textContent=Math.floor(left/60)+':'+String(left%60).padStart(2,'0');
clock.dataset.stage=left>120?'':left>30?'soon':'last';
if(left>0)setTimeout(show,250);else{digits.hidden=true;words.textContent=clock.dataset.over}};
digits.hidden=false;show()})()`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const [STYLE_HASH, SCRIPT_HASH] = [hashOf(STYLE), hashOf(SCRIPT)];

/** The page's Content-Security-Policy: its style, script, font and icon, and its one form, which leads to the shop. */
export function pagePolicy(returnUrl: string, { block, tint }: PosterColors): string {
  const form = `form-action 'self' ${new URL(returnUrl).origin}`;
  const styles = `style-src ${STYLE_HASH} ${hashOf(posterStyle({ block, tint }))}`;
  return `default-src 'none'; ${styles}; script-src ${SCRIPT_HASH}; font-src 'self'; img-src 'self'; ${form}; frame-ancestors 'none'; base-uri 'none'`;
}

/** The colours of the event's poster. */
type PosterColors = ReturnType<typeof posterColors>;

function posterStyle({ block, tint }: PosterColors): string {
  return `.poster{background:${block}}.poster .tint{color:${tint}}`;
}

interface DemoPage {
  checkout: DemoCheckoutDoc;
  colors: PosterColors;
  /** The hold's end as of now; null if the seats are not held any more. */
  heldUntil: Date | null;
  now: Date;
}

/** The payment page as HTML. Without its script all is there but the countdown. */
export function renderPage({ checkout, colors, heldUntil, now }: DemoPage): string {
  const { locale } = checkout;
  const words = DEMO_WORDS[locale];
  const body = checkout.status === 'open' ? openPart(checkout, heldUntil, now) : closedPart(checkout);
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="/icon.svg" type="image/svg+xml"><title>${words.title}</title><style>${STYLE}</style><style>${posterStyle(colors)}</style></head>
<body><header><p class="demo">${words.demo}</p>${poster(checkout)}</header><main><h1>${words.title}</h1>
${body}
</main><script>${SCRIPT}</script></body></html>
`;
}

/** The event as a strip in the colours that it has in the shop. */
function poster(checkout: DemoCheckoutDoc): string {
  const [title, venue] = [escapeHtml(checkout.title), escapeHtml(checkout.venue)];
  return `<div class="poster"><div><p class="tint">${dateTime(checkout)}</p><p class="title"><bdi>${title}</bdi></p><p><bdi>${venue}</bdi></p></div></div>`;
}

function openPart(checkout: DemoCheckoutDoc, heldUntil: Date | null, now: Date): string {
  const words = DEMO_WORDS[checkout.locale];
  const alert = checkout.declined ? `<p class="bad" role="alert">${words.declined}</p>` : '';
  return `${alert}${clock(checkout, heldUntil, now)}
<form method="post">
${summary(checkout)}
<button>${words.pay(money(checkout, checkout.amount))}</button>
<details><summary>${words.card}</summary><fieldset><legend>${words.card}</legend>${cardChoices(checkout)}</fieldset></details>
</form>
<p><a href="${escapeHtml(checkout.returnUrl)}">${words.back}</a></p>`;
}

function clock(checkout: DemoCheckoutDoc, heldUntil: Date | null, now: Date): string {
  const words = DEMO_WORDS[checkout.locale];
  const leftMs = heldUntil === null ? 0 : heldUntil.getTime() - now.getTime();
  if (heldUntil === null || leftMs <= 0) return `<p>${words.notHeld}</p>`;
  const until = words.heldUntil(clockTime(checkout, heldUntil));
  return `<p class="clock" role="timer" data-left="${leftMs}" data-over="${words.notHeld}"><b hidden></b> <span>${until}</span></p>`;
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

/**
 * Seats, tickets with their prices and what a voucher took off, and total: nothing stands between them and the button
 * (§ 312j BGB). The poster above names the event.
 */
function summary(checkout: DemoCheckoutDoc): string {
  const words = DEMO_WORDS[checkout.locale];
  return `<dl><dt>${words.order}</dt><dd>${words.seats(checkout.seats)}</dd>
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
