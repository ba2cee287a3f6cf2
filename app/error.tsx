// A page that threw: says so without a word of the cause, which is in the log.
'use client';
import { Notice } from './ui/notice.tsx';

export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <Notice
      title="Something broke here"
      supportId={error.digest ?? null}
      actions={
        <>
          <button type="button" className="button" data-kind="primary" onClick={() => window.location.reload()}>
            Try again
          </button>
          <a className="button" href="/">
            Go to your apps
          </a>
        </>
      }
    >
      <p>It was logged. Try again; if it stays, report the support id.</p>
    </Notice>
  );
}
