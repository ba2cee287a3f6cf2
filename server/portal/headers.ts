// The security headers of every portal response. The policy allows scripts by this response's nonce alone.
import type { OutgoingHttpHeaders } from 'node:http';
import { PUBLIC_FILES } from './gate.ts';

/** Static files are the only thing of the portal that anybody may keep: their names are hashes of their bytes. */
export function portalHeaders(path: string, nonce: string): OutgoingHttpHeaders {
  const isStatic = path.startsWith('/_next/static/') || PUBLIC_FILES.has(path);
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(isStatic ? {} : { 'cache-control': 'no-store, private' }),
    // A form of /open goes to an app's host, so its handler writes both of these by itself.
    ...(path === '/open'
      ? {}
      : { 'content-security-policy': contentSecurityPolicy(nonce), 'referrer-policy': 'same-origin' }),
  };
}

/** An uploaded icon: its address is the hash of its bytes, and its handler says for how long the person's own browser keeps it. */
export function isIcon(path: string): boolean {
  return /^\/launcher\/icons\/[0-9a-f]{64}$/.test(path);
}

export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
