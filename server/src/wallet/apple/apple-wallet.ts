import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { TicketPrinter } from '#server/tickets/printing/ticket-printer.ts';
import { imageFileName } from '#shared/images/image-files.ts';
import type { PassTokens } from '../pass-serials.ts';
import type { PassSubject, PassSubjects } from '../pass-subjects.ts';
import type { StoredPasses } from '../stored-passes.ts';
import type { PassKeys } from './apple-keys.ts';
import type { AppleWalletConfig } from './apple-keys.ts';
import { applePassOf, PASS_STRINGS } from './apple-pass.ts';

/**
 * A change is visible at most so long after the time that it bears: what was changed less long ago may be followed by a
 * change with an earlier time.
 */
const SETTLED_MS = 120_000;
/** The thumbnail of a pass has 270 pixels at most. */
const THUMBNAIL_WIDTH = 270;

interface AppleWalletOptions {
  config: AppleWalletConfig;
  keys: PassKeys;
  siteName: string;
  origin: () => string;
  subjects: Pick<PassSubjects, 'bySerial'>;
  stored: StoredPasses;
  tokens: PassTokens;
  printer: Pick<TicketPrinter, 'printPass'>;
  readImage(name: string): Promise<Buffer | undefined>;
  now: Now;
}

export type AppleWallet = ReturnType<typeof createAppleWallet>;

/** Passes for Apple Wallet, and the web service by which devices keep theirs up to date. */
export function createAppleWallet(options: AppleWalletOptions) {
  const { config, keys, siteName, origin, subjects, stored, tokens, printer, readImage, now } = options;

  async function pictureOf({ image }: EventDoc) {
    if (!image) return null;
    const width = image.widths.find((one) => one >= THUMBNAIL_WIDTH) ?? image.width;
    const bytes = await readImage(imageFileName(image.id, width, 'jpg'));
    return bytes ? { bytes, focusX: image.focusX, focusY: image.focusY } : null;
  }

  /** The file of a pass; null while too many are made. */
  async function fileOf(subject: PassSubject): Promise<Buffer | null> {
    const context = { config, siteName, origin: origin(), tokenOf: tokens.tokenOf };
    const file = await printer.printPass({
      contents: applePassOf(subject, context),
      strings: PASS_STRINGS,
      picture: await pictureOf(subject.event),
      keys,
    });
    return file && Buffer.from(file.buffer as ArrayBuffer, file.byteOffset, file.byteLength);
  }

  /** The pass that a device asks for; null unless its token is that of the pass. */
  async function authenticated(passTypeId: string, serial: string, token: string): Promise<PassSubject | null> {
    const isTheirs = passTypeId === config.passTypeId && tokens.isToken(serial, token);
    return isTheirs ? subjects.bySerial(serial) : null;
  }

  /** The time that a device gets with its pass, and asks with whether there is a newer one. */
  function lastModified({ changedAt }: Pick<PassSubject, 'changedAt'>): Date {
    return new Date(Math.min(changedAt.getTime(), now().getTime() - SETTLED_MS));
  }

  /** The passes of a device that were changed after `since`, a time that it got from here, and the next such time. */
  async function changedSince(device: string, passTypeId: string, since: string | undefined) {
    if (passTypeId !== config.passTypeId) return null;
    const found = await Promise.all((await stored.ofDevice(device)).map((serial) => subjects.bySerial(serial)));
    const passes = found.filter((one) => one !== null);
    const sinceMs = since !== undefined && /^\d{1,15}$/.test(since) ? Number(since) : -Infinity;
    const changed = passes.filter(({ changedAt }) => changedAt.getTime() > sinceMs);
    if (changed.length === 0) return null;
    const lastUpdated = Math.max(...passes.map((pass) => lastModified(pass).getTime()));
    return { serialNumbers: changed.map(({ serial }) => serial), lastUpdated: String(lastUpdated) };
  }

  return {
    passTypeId: config.passTypeId,
    fileOf,
    authenticated,
    lastModified,
    changedSince,
    register: stored.register,
    unregister: stored.unregister,
  };
}
