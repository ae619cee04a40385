import { m } from '#lib/paraglide/messages.js';

/** The name of a type as it is typed, or what stands for it while it has none. */
export function typeName({ name }: { name: string }): string {
  return name.trim() === '' ? m.types_unnamed() : name.trim();
}
