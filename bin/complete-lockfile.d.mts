export function missingOptionals(lock: {
  packages: Record<string, { optionalDependencies?: Record<string, string> | undefined }>
}): { name: string; version: string }[]
