// A link between pages of the portal. It fetches nothing before it is followed: a page here is a read of the store.
import Link from 'next/link';
import type { ComponentProps } from 'react';

export function PageLink(props: ComponentProps<typeof Link>) {
  return <Link {...props} prefetch={false} />;
}
