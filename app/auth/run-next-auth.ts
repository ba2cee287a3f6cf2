// Runs next-auth on plain values and gives back plain values, so that one route decides what a browser gets to see.
import type { NextApiRequest, NextApiResponse } from 'next';
import NextAuth, { type AuthOptions } from 'next-auth';

export type AuthCall = {
  method: 'GET' | 'POST';
  action: 'csrf' | 'signin' | 'callback';
  providerId?: string;
  query?: Record<string, string>;
  body?: Record<string, string>;
  cookies: Record<string, string>;
};

/** `location` is where next-auth wants the browser to go; `body` is what it answered otherwise. */
export type AuthAnswer = { status: number; location: string | null; body: unknown; setCookies: readonly string[] };

export async function runNextAuth(call: AuthCall, options: AuthOptions): Promise<AuthAnswer> {
  const answer: { status: number; body: unknown } = { status: 200, body: null };
  const headers = new Map<string, string | string[]>();
  const response = {
    status(code: number) {
      answer.status = code;
      return response;
    },
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    setHeader(name: string, value: string | string[]) {
      headers.set(name.toLowerCase(), value);
      return response;
    },
    json(body: unknown) {
      answer.body = body;
    },
    send(body: unknown) {
      answer.body = body;
    },
    end() {},
  };
  const request = {
    method: call.method,
    query: { ...call.query, nextauth: call.providerId ? [call.action, call.providerId] : [call.action] },
    body: call.body ?? {},
    cookies: decoded(call.cookies),
    headers: {},
  };
  await NextAuth(request as unknown as NextApiRequest, response as unknown as NextApiResponse, options);
  const location = headers.get('location');
  const setCookies = headers.get('set-cookie') ?? [];
  return {
    ...answer,
    location: typeof location === 'string' ? location : null,
    setCookies: Array.isArray(setCookies) ? setCookies : [setCookies],
  };
}

/** next-auth writes its values percent-encoded and expects them decoded, as Next's own API routes have them. */
function decoded(cookies: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, decode(value)]));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
