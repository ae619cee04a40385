import { z } from 'zod';
import { email } from './text/email.ts';
import { existingPassword, newPassword } from './text/password.ts';
import { provedCredential } from './accounts/passkey.ts';
import { id, singleLine, text, time } from './protocol/primitives.ts';

/** The languages of pages, mails and payment pages. */
export const locale = z.enum(['en', 'de']);
export type Locale = z.infer<typeof locale>;

export const role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof role>;

/** An account as its owner and admins see it. `verified`: the owner has proved the address by a mailed link or code. */
export const user = z.object({
  id,
  name: z.string(),
  email: z.string(),
  verified: z.boolean(),
  /** Whether it can be signed in to by a password, besides a mailed code. */
  hasPassword: z.boolean(),
  locale,
  role,
  createdAt: time,
  /** No address is known yet: the account holds seats, and does nothing else until one is proved. */
  provisional: z.literal(true).optional(),
});
export type User = z.infer<typeof user>;

/** An open session of an account, as its owner sees it in `GET /api/auth/sessions`. */
export interface AccountSession {
  id: string;
  createdAt: string;
  lastSeenAt: string;
  /** Browser and system, such as "Chrome, Android"; "" if unknown. */
  device: string;
  /** Whether it is the session that asks. */
  current: boolean;
}

/**
 * `GET /api/auth/session`, for pages: the account that this browser is signed in with, and when its session ends; both
 * null for a signed-out visitor. `GET /api/auth/me` answers 401 then, and browsers report each 401 as an error.
 */
export interface CurrentSession {
  user: User | null;
  expiresAt: string | null;
}

/** `POST /api/auth/register`. An absent `locale` follows `Accept-Language`. */
export const registerInput = z.strictObject({
  name: singleLine(80),
  email,
  password: newPassword,
  locale: locale.optional(),
});
/** `POST /api/auth/login`. */
export const loginInput = z.strictObject({ email, password: existingPassword });
/** `POST /api/auth/logout`. `everywhere` ends all sessions of the account. */
export const logoutInput = z.strictObject({ everywhere: z.boolean().optional() });
/** `PATCH /api/auth/me`: at least one property; absent ones stay. */
export const profileChanges = z
  .strictObject({ name: singleLine(80), locale })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'At least one property must change');
/** `POST /api/auth/password`. Without `current`: the first password of an account that has none. */
export const changePasswordInput = z.strictObject({ current: existingPassword.optional(), next: newPassword });

/** The six digits of a mailed code. Clients remove spaces and hyphens that people paste with it. */
const signInCode = z.string().regex(/^[0-9]{6}$/, 'Expected six digits');
/** `POST /api/auth/code`: asks for a mail with a code. An absent `locale` follows `Accept-Language`. */
export const requestCodeInput = z.strictObject({ email, locale: locale.optional() });
/** `POST /api/auth/code/verify`. `name`: of the account that is created for an unknown address. */
export const verifyCodeInput = z.strictObject({ email, code: signInCode, name: singleLine(80).optional() });

/** `POST /api/auth/provisional`: an account without an address, which may hold seats. */
export const provisionalInput = z.strictObject({});

/** `POST /api/auth/forgot`: asks for a mail with a link to reset the password. */
export const forgotPasswordInput = z.strictObject({ email });
/** The token of a mailed link: 32 random bytes, 43 characters in base64url. */
const linkToken = text(200).min(1);
/** `POST /api/auth/reset`. */
export const resetPasswordInput = z.strictObject({ token: linkToken, next: newPassword });
/** `POST /api/auth/verify`. */
export const verifyEmailInput = z.strictObject({ token: linkToken });
/** `DELETE /api/auth/me`. An account is deleted by its password, by a passkey, or, without a password, by a mailed code. */
export const closeAccountInput = z.union([
  z.strictObject({ password: existingPassword }),
  z.strictObject({ code: signInCode }),
  z.strictObject({ passkey: provedCredential }),
]);

export type RegisterInput = z.infer<typeof registerInput>;
export type LoginInput = z.infer<typeof loginInput>;
export type RequestCodeInput = z.infer<typeof requestCodeInput>;
export type VerifyCodeInput = z.infer<typeof verifyCodeInput>;
export type CloseAccountInput = z.infer<typeof closeAccountInput>;
