/** The operator's name and links (`GET /api/site`), for every footer and mail; `null` where not configured. */
export interface Site {
  name: string;
  contactEmail: string | null;
  imprintUrl: string | null;
  privacyUrl: string | null;
  termsUrl: string | null;
  /** Whether a site in production takes demo payments, of which every page then warns. */
  demoPayments: boolean;
  /** Whether mails reach people, or the log outside production: otherwise nobody can sign in by a mailed code. */
  hasMail: boolean;
  /** The wallets that tickets can be added to: those whose keys the server has. */
  wallets: { apple: boolean; google: boolean };
  /** Whether visitors may hold seats before they prove an address. */
  holdsFirst: boolean;
}
