// A list of things that a form lets one add and remove: every row keeps its key, and what was typed in it.
'use client';
import { useRef, useState } from 'react';

export type Rows<T> = {
  rows: readonly { key: number; value: T | undefined }[];
  add(): void;
  remove(key: number): void;
};

/** `initial` is what is stored; a row that is added has no value yet. */
export function useRows<T>(initial: readonly T[]): Rows<T> {
  const nextKey = useRef(initial.length);
  const [rows, setRows] = useState<Rows<T>['rows']>(() => initial.map((value, key) => ({ key, value })));
  return {
    rows,
    add() {
      const key = nextKey.current;
      nextKey.current += 1;
      setRows((now) => [...now, { key, value: undefined }]);
    },
    remove: (key) => setRows((now) => now.filter((row) => row.key !== key)),
  };
}
