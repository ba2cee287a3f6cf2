// Who you are, and the way out. Signing out is a form, so that it works before any script has arrived.
'use client';
import { LogOut, UserRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useRef } from 'react';

export function AccountMenu({ name, email }: { name: string; email: string }) {
  const form = useRef<HTMLFormElement>(null);
  return (
    <>
      <form ref={form} method="post" action="/sign-out" hidden />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="button" data-kind="quiet" aria-label={`Account of ${name}`}>
          <UserRound size={16} aria-hidden />
          <span className="hidden max-w-44 truncate sm:inline">{name}</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={6} className="card z-40 w-60 p-1 text-sm shadow-raised">
            <div className="px-2.5 py-2">
              <p className="truncate font-medium">{name}</p>
              <p className="truncate text-[0.8125rem] text-muted">{email}</p>
            </div>
            <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />
            <DropdownMenu.Item asChild>
              <a href="/account" className={ITEM}>
                <UserRound size={16} aria-hidden />
                Account and sessions
              </a>
            </DropdownMenu.Item>
            <DropdownMenu.Item asChild onSelect={() => form.current?.requestSubmit()}>
              <button type="button" className={`${ITEM} w-full`}>
                <LogOut size={16} aria-hidden />
                Sign out
              </button>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

const ITEM =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 text-left outline-none data-highlighted:bg-sunken';
