import { z } from 'zod';

/** The operator's name and links (`GET /api/site`), for every footer and mail; `null` where not configured. */
export const site = z.object({
  name: z.string(),
  contactEmail: z.string().nullable(),
  imprintUrl: z.string().nullable(),
  privacyUrl: z.string().nullable(),
  termsUrl: z.string().nullable(),
  /** Whether a site in production takes demo payments, of which every page then warns. */
  demoPayments: z.boolean(),
});
export type Site = z.infer<typeof site>;
