// Waits until a program that was just started listens.
import { once } from 'node:events';
import { connect } from 'node:net';

const TIMEOUT_MS = 20_000;
const LOOK_AGAIN_MS = 50;

export async function connectable(port: number): Promise<void> {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    } finally {
      socket.destroy();
    }
  }
}
