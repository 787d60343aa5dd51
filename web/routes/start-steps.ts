/** The first steps in a new world, in their order. */
export const STEPS = ['passkey', 'app', 'customer', 'done'] as const
export type Step = (typeof STEPS)[number]
