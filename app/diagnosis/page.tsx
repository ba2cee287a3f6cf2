// For people who went round in circles: what can cause it, what this browser shows of it, and the id that finds it in the log.
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { portalContext } from '#server/store/portal-context.ts';
import { parseSupportId, supportId } from '../request/request-facts.ts';
import { Notice } from '../ui/notice.tsx';
import { BrowserChecks } from './browser-checks.tsx';

export const metadata: Metadata = { title: 'Opening did not work' };

type Query = { reason?: string; support?: string };

const TITLES = new Map([
  ['loop', 'The app sent you back here again and again'],
  ['rounds', 'The app’s host does not keep its cookie'],
]);

export default async function DiagnosisPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { reason = '', support } = await searchParams;
  const { portal, now } = portalContext();
  return (
    <Notice
      title={TITLES.get(reason) ?? 'The app could not be opened'}
      supportId={parseSupportId(support) ?? supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          Go to your apps
        </a>
      }
    >
      <p>
        You are not doing anything wrong. Opening an app sets one cookie on the app’s own host; it did not come back, so
        Foyer stopped here instead of going round for ever.
      </p>
      <BrowserChecks serverNow={now()} />
      <p>What it usually is:</p>
      <ul>
        <li>
          <strong>Cookies are refused</strong> for the app’s host: by a setting, an extension, or private browsing.
          {portal.scheme === 'http' &&
            ' Safari refuses them on addresses without TLS; Chrome, Edge and Chromium keep them.'}
        </li>
        <li>
          <strong>The clock of this device is wrong</strong>, so cookies are too old when they arrive.
        </li>
        <li>
          <strong>Two gateways answer for one name</strong>, for example an old one that is still in DNS, or a proxy
          that removes cookies. An administrator has to look.
        </li>
      </ul>
    </Notice>
  );
}
