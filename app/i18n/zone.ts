// Time zones by their IANA names, as browsers say them.

/** The name when it is one that this runtime knows, else `fallback`. */
export function zoneOr(name: string | undefined, fallback: string): string {
  if (!name || !/^[A-Za-z0-9_+\-/]{1,64}$/.test(name)) return fallback;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return fallback;
  }
}
