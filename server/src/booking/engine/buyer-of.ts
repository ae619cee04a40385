import type { Command } from '../rules/command.ts';

/**
 * The buyer who sent a command; null for commands of organisers, of payment providers and of the server itself. They
 * are few, and a full queue must not stop them.
 */
export function buyerOf(command: Command): string | null {
  switch (command.type) {
    case 'book':
    case 'join':
    case 'leave':
      return command.userId;
    case 'changeHold':
    case 'confirm':
    case 'checkout':
    case 'acknowledgeMove':
      return command.actor;
    case 'cancel':
      return command.by === 'buyer' ? command.actor : null;
    default:
      return null;
  }
}
