// Opens a WebSocket of its own in a page and tells how and when it ended.
import type { Page } from '@playwright/test';

export type SocketEnd = { code: number; reason: string; at: number };
export type WatchedSocket = { opened: Promise<unknown>; closed: Promise<SocketEnd> };

export function watchSocketEnd(page: Page, path: string): WatchedSocket {
  const handle = page.evaluateHandle((target) => {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + target);
    return {
      opened: new Promise<boolean>((resolve) => socket.addEventListener('open', () => resolve(true))),
      closed: new Promise<SocketEnd>((resolve) => {
        socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason, at: Date.now() }));
      }),
    };
  }, path);
  return {
    opened: handle.then((socket) => socket.evaluate(({ opened }) => opened)),
    closed: handle.then((socket) => socket.evaluate(({ closed }) => closed)),
  };
}
