// The browser does not keep our cookies: says so in plain words, and what works instead.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { portalContext } from '#server/store/portal-context.ts';
import { supportId } from '../../request/request-facts.ts';
import { Notice } from '../../ui/notice.tsx';

export const metadata: Metadata = { title: 'Cookies are refused' };

export default async function CookiesPage() {
  const { portal } = portalContext();
  const isPlain = portal.scheme === 'http';
  return (
    <Notice
      title="Your browser does not keep Foyer’s sign-in cookie"
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/sign-in">
          Try again
        </a>
      }
    >
      <p>Without it nobody can be signed in, so the sign-in stopped here. Your password was not the problem.</p>
      {isPlain ? (
        <>
          <p>
            This portal runs at <strong>{portal.origin}</strong>, without TLS. Chrome, Edge and Chromium keep the cookie
            there; Safari refuses it, and some versions of Firefox do.
          </p>
          <ul>
            <li>Open this address in Chrome, Edge or Chromium.</li>
            <li>
              Or start the demo with TLS: <code>npm run demo -- --https</code>
            </li>
          </ul>
        </>
      ) : (
        <ul>
          <li>Allow cookies for {portal.hostname} in the browser’s settings, and leave private browsing.</li>
          <li>Turn off an extension that removes cookies, for this page.</li>
          <li>Check the date and time of this device.</li>
        </ul>
      )}
    </Notice>
  );
}
