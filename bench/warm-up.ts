/** Just-in-time compilers and caches are cold at first: this much load runs before a measurement. */
export const WARM_UP_SECONDS = 3;
