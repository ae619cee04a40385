import type { Packet } from './packet.ts';

/** One client, as the fan-out writes to it. */
export interface Outlet {
  /** Sends packets that every client gets, in order. While the client does not read, they wait in its send queue. */
  push(packets: readonly Packet[]): void;
  /** Sends a packet if the client has read what came before; otherwise sends nothing and returns false. */
  offer(packet: Packet): boolean;
  /** Closes the client's transport, so that the client reconnects and reads its state again. */
  close(): void;
}

/** A client as a recipient: the last frame of seats and the last other push that it was sent. */
export interface PushRecipient {
  namespace: NamespaceRecipients;
  outlet: Outlet;
  frame: number;
  push: number;
  hasLeft: boolean;
}

/**
 * The clients of one namespace, organisers apart from all others, and what is encoded for those who lack the frames or
 * pushes after a number.
 */
export interface NamespaceRecipients {
  name: string;
  areOrganisers: boolean;
  /** In the order in which they joined. Those that have left are removed between two rounds. */
  recipients: PushRecipient[];
  left: number;
  frames: Map<number, Packet | null>;
  pushes: Packet[];
}

export function emptyNamespace(name: string, areOrganisers: boolean): NamespaceRecipients {
  return { name, areOrganisers, recipients: [], left: 0, frames: new Map(), pushes: [] };
}

/** The recipients of a namespace, without those that have left. Not to be called while a round visits them. */
export function presentRecipients(namespace: NamespaceRecipients): readonly PushRecipient[] {
  // Not with each client: thousands may leave at once.
  if (namespace.left * 2 > namespace.recipients.length) {
    namespace.recipients = namespace.recipients.filter(({ hasLeft }) => !hasLeft);
    namespace.left = 0;
  }
  return namespace.recipients;
}

/** Whether any namespace has a client. */
export function hasRecipients(namespaces: ReadonlyMap<string, NamespaceRecipients>): boolean {
  for (const { recipients, left } of namespaces.values()) if (recipients.length > left) return true;
  return false;
}
