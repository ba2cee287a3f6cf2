// A button that was pressed before the page's script ran does its work as soon as it runs, instead of nothing.
'use client';
import { useEffect } from 'react';
import './noting-script.ts';

export function PressedEarly() {
  useEffect(() => {
    const button = globalThis.foyerPressedEarly?.();
    if (!(button instanceof HTMLElement) || !button.isConnected) return;
    // Menus open when the pointer goes down, everything else by the click.
    const down = { bubbles: true, cancelable: true, pointerType: 'mouse', button: 0 };
    button.dispatchEvent(new PointerEvent('pointerdown', down));
    button.click();
  }, []);
  return null;
}
