import { z } from 'zod';

/** Whose site this is (`GET /api/site`): what stands in every footer and mail. */
export const site = z.object({
  name: z.string(),
  contactEmail: z.string().nullable(),
  imprintUrl: z.string().nullable(),
  privacyUrl: z.string().nullable(),
  termsUrl: z.string().nullable(),
  /** Whether payments are played on a site in production; then every page says so. */
  demoPayments: z.boolean(),
});
export type Site = z.infer<typeof site>;
