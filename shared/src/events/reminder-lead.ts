// Apart from the schemas of reminders: pages show it, and need no validation library for that.

/** A reminder goes out this long before the sale opens, or at once if less is left. */
export const REMINDER_LEAD_MINUTES = 10;
