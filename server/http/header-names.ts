// Reads and strips flat header lists by name.
import { headerClass } from '#server/core/header-names.ts';

/** Removes every reserved header. Called once, where a request enters, for HTTP/1, HTTP/2 and upgrades alike. */
export function withoutReserved(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (headerClass(name) !== 'reserved') kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}

/** All values of one header, in order. `name` is lower case. */
export function headerValues(headers: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const candidate = headers[i] ?? '';
    if (candidate.length === name.length && candidate.toLowerCase() === name) values.push(headers[i + 1] ?? '');
  }
  return values;
}

/** The first value of one header, or null. `name` is lower case. */
export function headerValue(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    const candidate = headers[i] ?? '';
    if (candidate.length === name.length && candidate.toLowerCase() === name) return headers[i + 1] ?? '';
  }
  return null;
}
