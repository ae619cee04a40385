import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { ConversionReply, ConversionRequest } from './conversion.ts';
import { convertImage, prepareDecoders, prepareDrawing } from './convert-image.ts';
import { drawCard } from './draw-card.ts';

// A process for one picture: what a decoder takes, or breaks, ends with it. It has no settings, keys or connections.

const NICE = 10;

/** The sale goes first: by processor time, and where memory runs out the kernel ends this process. */
function yieldToServer(): void {
  // No one but root may raise a priority, where the server's own is lower already.
  setPriority(Math.max(NICE, getPriority()));
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux.
  }
}

function main(): void {
  yieldToServer();
  process.once('disconnect', () => process.exit(1));
  process.once('message', (request: ConversionRequest) => void answer(request));
}

async function answer(request: ConversionRequest): Promise<void> {
  const result = await resultOf(request);
  const reply: ConversionReply = { result, peakBytes: process.resourceUsage().maxRSS * 1_024 };
  process.send?.(reply, () => process.exit(0));
}

/** Strangers' bytes and our own drawings never meet in one process: each has the decoders that it needs. */
function resultOf(request: ConversionRequest): Promise<ConversionReply['result']> {
  if (request.kind === 'card') {
    prepareDrawing();
    return drawCard(request.card);
  }
  prepareDecoders();
  return convertImage(Buffer.from(request.bytes));
}

main();
