import type { BuyerConnection } from '../load/buyer-connection.ts';
import { openBuyerConnection } from '../load/buyer-connection.ts';

interface Reader {
  /** Resolves with the reply, whose text is made when it is asked for; rejects if the command is refused. One command at a time. */
  read(command: Parameters<BuyerConnection['send']>[0], input: string): Promise<{ toString(): string }>;
  close(): void;
}

/** A socket that sends commands and waits for each reply. */
export async function openReader(port: number, token: string): Promise<Reader> {
  let replied: (ok: boolean, reply: { toString(): string }) => void = () => undefined;
  let isClosing = false;
  const connection = await openBuyerConnection('wire', port, token, {
    replied: (ok, reply) => replied(ok, reply),
    pushed: () => undefined,
    closed: () => {
      if (!isClosing) throw new Error('The server has closed a connection');
    },
  });
  return {
    read: (command, input) =>
      new Promise((resolve, reject) => {
        replied = (ok, reply) => {
          if (ok) resolve(reply);
          else reject(new Error(`The server refuses ${command}: ${reply.toString().slice(0, 200)}`));
        };
        connection.send(command, input);
      }),
    close(): void {
      isClosing = true;
      connection.close();
    },
  };
}
