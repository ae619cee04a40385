import { z } from 'zod';
import { role, user } from '#shared/account.ts';
import {
  booking,
  bookingPage,
  bookInput,
  cancelBookingInput,
  changeHoldInput,
  listBookingsInput,
} from '#shared/booking.ts';
import {
  checkout,
  checkoutInput,
  listPaymentIssuesInput,
  refundBookingInput,
  keepBookingInput,
  retryPaymentInput,
  paymentIssuePage,
} from '#shared/checkout.ts';
import { email } from '#shared/text/email.ts';
import {
  cancelEventInput,
  cancellation,
  createEventInput,
  event,
  eventChanges,
  eventPage,
  listEventsInput,
} from '#shared/event.ts';
import {
  checkInResult,
  checkInInput,
  eventBookingPage,
  eventStats,
  listEventBookingsInput,
  readBooking,
} from '#shared/organiser.ts';
import { reminder, reminderInput, reminderList } from '#shared/events/reminder.ts';
import { id, time } from './primitives.ts';
import { personalTicketInput } from '#shared/tickets/personal-ticket.ts';
import {
  checkedVoucher,
  checkVoucherInput,
  createdVouchers,
  createVouchersInput,
  listVouchersInput,
  updateVoucherInput,
  voucher,
  voucherPage,
} from '#shared/tickets/voucher.ts';
import { joinWaitlistInput, waitlistEntries, waitlistEntry } from '#shared/waitlist.ts';

/**
 * Every command of the wire contract (PROTOCOL.md, "Commands"): its access, and the schemas of its input and of a
 * success's data. `all` works on both namespaces, `user` needs a session, `admin` the session of a present admin.
 */
export const commands = {
  clock: { access: 'all', input: z.strictObject({}), data: z.object({ serverTime: time }) },
  listEvents: { access: 'all', input: listEventsInput, data: eventPage },
  getEvent: { access: 'all', input: z.strictObject({ eventId: id }), data: event },
  book: { access: 'user', input: bookInput, data: booking },
  checkVoucher: { access: 'user', input: checkVoucherInput, data: checkedVoucher },
  changeHold: { access: 'user', input: changeHoldInput, data: booking },
  checkout: { access: 'user', input: checkoutInput, data: checkout },
  confirmBooking: { access: 'user', input: z.strictObject({ bookingId: id }), data: booking },
  getBooking: { access: 'user', input: z.strictObject({ bookingId: id }), data: readBooking },
  cancelBooking: { access: 'user', input: cancelBookingInput, data: booking },
  refundBooking: { access: 'admin', input: refundBookingInput, data: booking },
  listBookings: { access: 'user', input: listBookingsInput, data: bookingPage },
  joinWaitlist: { access: 'user', input: joinWaitlistInput, data: waitlistEntry },
  leaveWaitlist: { access: 'user', input: z.strictObject({ eventId: id }), data: waitlistEntry },
  listWaitlist: { access: 'user', input: z.strictObject({}), data: waitlistEntries },
  createEvent: { access: 'admin', input: createEventInput, data: event },
  updateEvent: {
    access: 'admin',
    input: z.strictObject({ eventId: id, revision: z.int().min(0), changes: eventChanges }),
    data: event,
  },
  cancelEvent: { access: 'admin', input: cancelEventInput, data: cancellation },
  createVouchers: { access: 'admin', input: createVouchersInput, data: createdVouchers },
  updateVoucher: { access: 'admin', input: updateVoucherInput, data: voucher },
  listVouchers: { access: 'admin', input: listVouchersInput, data: voucherPage },
  listEventBookings: { access: 'admin', input: listEventBookingsInput, data: eventBookingPage },
  eventStats: { access: 'admin', input: z.strictObject({ eventId: id }), data: eventStats },
  checkIn: { access: 'admin', input: checkInInput, data: checkInResult },
  setRole: { access: 'admin', input: z.strictObject({ email, role }), data: user },
  // Beyond the contract: for the pages of this project only.
  acknowledgeMove: { access: 'user', input: z.strictObject({ bookingId: id, at: time }), data: booking },
  remindMe: { access: 'user', input: reminderInput, data: reminder },
  forgetReminder: { access: 'user', input: reminderInput, data: reminder },
  listReminders: { access: 'user', input: z.strictObject({}), data: reminderList },
  shareTicket: { access: 'user', input: personalTicketInput, data: booking },
  revokeTicket: { access: 'user', input: personalTicketInput, data: booking },
  listPaymentTroubles: { access: 'admin', input: listPaymentIssuesInput, data: paymentIssuePage },
  keepBooking: { access: 'admin', input: keepBookingInput, data: z.object({}) },
  retryPayment: { access: 'admin', input: retryPaymentInput, data: z.object({}) },
} as const satisfies Record<string, { access: 'all' | 'user' | 'admin'; input: z.ZodType; data: z.ZodType }>;

export type CommandName = keyof typeof commands;
/** A command's input as a client sends it; properties with a default may be absent. */
export type CommandRequest<N extends CommandName> = z.input<(typeof commands)[N]['input']>;
/** A command's input as its handler gets it, defaults filled in. */
export type CommandInput<N extends CommandName> = z.output<(typeof commands)[N]['input']>;
/** The data of a command's success. */
export type CommandData<N extends CommandName> = z.output<(typeof commands)[N]['data']>;
