// Reads a form's fields as the plain values that the store's schemas expect.
import { splitDnsServer } from '#server/core/dns-server.ts';

export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** Lines of a list, without empty ones at the end; every other keeps its place, so that an error finds its line again. */
export function linesOf(form: FormData, name: string): string[] {
  const lines = form.getAll(name).map((value) => (typeof value === 'string' ? value.trim() : ''));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

export function isChecked(form: FormData, name: string): boolean {
  return form.get(name) !== null;
}

/** `192.168.1.53:53`, `[fd00::53]:53`, or an address alone with `defaultPort`. What cannot be split stays whole, for the store to refuse. */
export function endpointOf(text: string, defaultPort: number | null): { address: string; port: number | string } {
  const bracketed = /^\[([^\]]*)\](?::(\d*))?$/.exec(text);
  if (bracketed) return { address: bracketed[1] ?? '', port: portOf(bracketed[2], defaultPort) };
  const plain = /^([^:]*):(\d*)$/.exec(text);
  if (plain) return { address: plain[1] ?? '', port: portOf(plain[2], defaultPort) };
  return { address: text, port: defaultPort ?? '' };
}

/** Its parts as they were typed: the store says what is wrong with them, and which port a server has that names none. */
export function dnsServerOf(text: string): { address: string; port?: number | string; tlsName?: string } {
  const { address, port, tlsName } = splitDnsServer(text);
  return { address, ...(port === null ? {} : { port }), ...(tlsName === null ? {} : { tlsName }) };
}

function portOf(digits: string | undefined, defaultPort: number | null): number | string {
  return digits ? Number(digits) : (defaultPort ?? '');
}
