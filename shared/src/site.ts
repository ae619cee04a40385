/** The operator's name and links (`GET /api/site`), for every footer and mail; `null` where not configured. */
export interface Site {
  name: string;
  contactEmail: string | null;
  imprintUrl: string | null;
  privacyUrl: string | null;
  termsUrl: string | null;
  /** Whether a site in production takes demo payments, of which every page then warns. */
  demoPayments: boolean;
}
