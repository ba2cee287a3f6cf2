// The list of areas: a column on a wide screen, rows on a narrow one.
'use client';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { PageLink } from '../ui/page-link.tsx';

export function AreaNav({ areas }: { areas: readonly { href: string; name: string }[] }) {
  const path = usePathname();
  return (
    <nav
      aria-label={useTranslations('shell')('adminNav')}
      className="-mx-2.5 flex flex-wrap gap-x-1 text-sm md:mx-0 md:block md:space-y-0.5"
    >
      {areas.map(({ href, name }) => (
        <PageLink
          key={href}
          href={href}
          aria-current={isIn(path, href) ? 'page' : undefined}
          className="block rounded-md px-2.5 py-1.5 whitespace-nowrap text-muted hover:bg-sunken hover:text-text aria-[current]:bg-sunken aria-[current]:font-medium aria-[current]:text-text forced-colors:aria-[current]:underline"
        >
          {name}
        </PageLink>
      ))}
    </nav>
  );
}

/** The first area has the address that all others begin with. */
function isIn(path: string, href: string): boolean {
  return href === '/admin' ? path === href : path.startsWith(href);
}
