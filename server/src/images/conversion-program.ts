import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { ConversionReply, ConversionRequest } from './conversion.ts';
import { convertImage, prepareDecoders } from './convert-image.ts';

// A process for one picture: what a decoder takes, or breaks, ends with it. It has no settings, keys or connections.

const NICE = 10;

/** The sale goes first: by processor time, and where memory runs out the kernel ends this process. */
function yieldToServer(): void {
  setPriority(NICE);
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux.
  }
}

function main(): void {
  yieldToServer();
  prepareDecoders();
  process.once('disconnect', () => process.exit(1));
  process.once('message', ({ bytes }: ConversionRequest) => void answer(Buffer.from(bytes)));
}

async function answer(bytes: Buffer): Promise<void> {
  const outcome = await convertImage(bytes);
  const reply: ConversionReply = { outcome, peakBytes: process.resourceUsage().maxRSS * 1_024 };
  process.send?.(reply, () => process.exit(0));
}

main();
