import type { Reminder } from '#shared/events/reminder.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';

type ReminderConnection = Pick<Connection, 'call' | 'on' | 'onConnected'>;

/** The user's own reminder of one event, or of one of its ticket types, kept up to date by `reminderChanged`, whichever device changes it. */
export class OwnReminder {
  readonly #connection: ReminderConnection;
  readonly #sale: { eventId: string; ticketType?: string };
  #reminder: Reminder | undefined = $state.raw();
  #isLoaded = $state(false);

  constructor(connection: ReminderConnection, eventId: string, ticketType: string | null = null) {
    this.#connection = connection;
    this.#sale = { eventId, ...(ticketType !== null && { ticketType }) };
  }

  /** Whether the reminder was loaded: before that, none known does not mean none. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether the user is reminded, or was reminded of the opening that the sale has now; null: neither. */
  statusFor(opensAt: string | null): 'waiting' | 'sent' | null {
    const reminder = this.#reminder;
    if (reminder === undefined || reminder.status === 'ended') return null;
    return reminder.status === 'sent' && reminder.salesOpenAt !== opensAt ? null : reminder.status;
  }

  /** Loads the reminder, also with each new connection, and follows it; the returned function ends this and forgets it. */
  start(): () => void {
    const connection = this.#connection;
    let isOver = false;
    const load = async () => {
      const reply = await connection.call('listReminders', {});
      if (isOver || !reply.ok) return;
      for (const reminder of reply.data.reminders) this.#take(reminder);
      this.#isLoaded = true;
    };
    const stops = [
      connection.on('reminderChanged', (reminder) => this.#take(reminder)),
      connection.onConnected(() => void load()),
    ];
    void load();
    return () => {
      isOver = true;
      for (const stop of stops) stop();
      this.#reminder = undefined;
      this.#isLoaded = false;
    };
  }

  /** Asks to be reminded; a repeated wish changes nothing. */
  async remind(): Promise<Reply<Reminder>> {
    return this.#takeReply(await this.#connection.call('remindMe', this.#sale));
  }

  /** Takes the wish back. */
  async forget(): Promise<Reply<Reminder>> {
    return this.#takeReply(await this.#connection.call('forgetReminder', this.#sale));
  }

  #takeReply(reply: Reply<Reminder>): Reply<Reminder> {
    if (reply.ok) this.#take(reply.data);
    return reply;
  }

  #take(reminder: Reminder): void {
    const { eventId, ticketType } = this.#sale;
    if (reminder.eventId !== eventId || reminder.ticketType !== ticketType) return;
    this.#reminder = newerVersion(this.#reminder, reminder);
  }
}
