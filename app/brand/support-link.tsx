// Whom people ask: a link where it is one.
import { readSupport } from '#server/core/support.ts';

export function SupportLink({ contact: written }: { contact: string }) {
  const contact = readSupport(written);
  if (!contact || contact.kind === 'words') return <>{written}</>;
  return (
    <a className="link" href={contact.href} rel="noopener">
      {contact.text}
    </a>
  );
}
