// A moment as a browser's date field writes it, in the zone of whoever fills it in, and back.

/** `2026-03-01T09:30` in the zone of this browser; '' for null. */
export function localText(at: number | null): string {
  if (at === null) return '';
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Null for an empty field. What is no moment stays text, for the store to refuse. */
export function momentOf(text: string): number | string | null {
  if (text === '') return null;
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? text : at;
}
