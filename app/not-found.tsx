// There is no such page.
import { headers } from 'next/headers';
import { FAULTS } from '#server/core/fault.ts';
import { supportId } from './request/request-facts.ts';
import { Notice } from './ui/notice.tsx';

export default async function NotFound() {
  const { title, sentence } = FAULTS['not-found'];
  return (
    <Notice
      title={title}
      supportId={supportId(await headers())}
      actions={
        <a className="button" data-kind="primary" href="/">
          Go to your apps
        </a>
      }
    >
      <p>{sentence}</p>
    </Notice>
  );
}
