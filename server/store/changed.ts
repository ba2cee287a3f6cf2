// Which fields a save changed, for the audit: names only, since values may be long or personal.

/** Top-level keys of `after` whose value differs from `before`; without a before, nothing was changed but all was made. */
export function changedKeys(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>>,
) {
  if (before === null) return { created: true };
  const changed = Object.keys(after).filter((key) => before[key] !== after[key] && !DERIVED.test(key));
  return { changed };
}

/** Columns that only follow others. */
const DERIVED = /(_folded|^updated_at|^created_at|^id|^state|^unverified)$/;
