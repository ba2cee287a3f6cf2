// The last resort, when even the frame of a page threw. It brings its own document.
'use client';
import './globals.css';
import { Notice } from './ui/notice.tsx';

export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <Notice
          title="Something broke here"
          supportId={error.digest ?? null}
          actions={
            <a className="button" data-kind="primary" href="/">
              Go to your apps
            </a>
          }
        >
          <p>It was logged. Try again; if it stays, report the support id.</p>
        </Notice>
      </body>
    </html>
  );
}
