import { z } from 'zod';
import { id, singleLine, text, time } from './protocol/primitives.ts';

export const locale = z.enum(['en', 'de']);
export type Locale = z.infer<typeof locale>;

export const role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof role>;

export const user = z.object({
  id,
  name: z.string(),
  email: z.string(),
  verified: z.boolean(),
  locale,
  role,
  createdAt: time,
});
export type User = z.infer<typeof user>;

/**
 * `GET /api/auth/session`, for pages: the account that this browser is signed in with, and when its session ends; both
 * null for a guest. `GET /api/auth/me` answers 401 to a guest, and browsers report each 401 as an error.
 */
export const currentSession = z.object({ user: user.nullable(), expiresAt: time.nullable() });
export type CurrentSession = z.infer<typeof currentSession>;

/** At most 254 characters (RFC 5321); compared and stored in lower case. */
export const email = z.email().max(254);

/** 8 to 128 characters; anything that can be typed. */
export const password = text(128).min(8);

export const registerInput = z.strictObject({ name: singleLine(80), email, password, locale: locale.optional() });
export const loginInput = z.strictObject({ email, password: text(128).min(1) });
export const logoutInput = z.strictObject({ everywhere: z.boolean().optional() });
export const profileChanges = z
  .strictObject({ name: singleLine(80), locale })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'At least one property must change');
export const changePasswordInput = z.strictObject({ current: text(128).min(1), next: password });

export const forgotPasswordInput = z.strictObject({ email });
/** What a link in a mail carries: ours have 43 characters. */
const linkToken = text(200).min(1);
export const resetPasswordInput = z.strictObject({ token: linkToken, next: password });
export const verifyEmailInput = z.strictObject({ token: linkToken });
export const closeAccountInput = z.strictObject({ password: text(128).min(1) });

export type RegisterInput = z.infer<typeof registerInput>;
export type LoginInput = z.infer<typeof loginInput>;
