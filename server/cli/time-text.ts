// A time as the command line writes it: the same everywhere, and sortable.

/** `2026-03-01 09:30 UTC`. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
