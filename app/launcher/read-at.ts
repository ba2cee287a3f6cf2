// When the server read what a page shows: server and browser say "yesterday" by the same clock.
'use client';
import { createContext } from 'react';

/** Epoch milliseconds. */
export const ReadAt = createContext(0);
