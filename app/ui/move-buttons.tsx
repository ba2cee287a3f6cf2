// One place up or down in a list, by the keyboard as by a pointer.
'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';

type Props = {
  upLabel: string;
  downLabel: string;
  /** Null where there is no such place. */
  onUp: (() => void) | null;
  onDown: (() => void) | null;
};

/** A button at the end of its way stays focusable, so that whoever moves things by keyboard keeps their place. */
export function MoveButtons({ upLabel, downLabel, onUp, onDown }: Props) {
  return (
    <span className="flex">
      <Move label={upLabel} onClick={onUp}>
        <ArrowUp size={16} aria-hidden />
      </Move>
      <Move label={downLabel} onClick={onDown}>
        <ArrowDown size={16} aria-hidden />
      </Move>
    </span>
  );
}

function Move(props: { label: string; onClick: (() => void) | null; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.onClick === null}
      onClick={() => props.onClick?.()}
      className="grid size-9 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-text aria-disabled:cursor-default aria-disabled:opacity-40"
    >
      {props.children}
    </button>
  );
}
