// docs/commands.md has every command with its options, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { addMachineCommands } from './cli/commands.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/commands.md'), 'utf8');

test('every command and option is on the page, and the page has no other', () => {
  assert.deepEqual([...told()].sort(), [...ofPrograms(), ...ofMachines()].sort());
});

/** `foyer up` and `foyer up --name`, a line each; a row without a command goes on with the one above. */
function told(): Set<string> {
  const lines = new Set<string>();
  let command = '';
  for (const [, first = '', options = ''] of PAGE.matchAll(/^\|([^|]*)\|([^|]*)\|[^|]+\|$/gm)) {
    command = /`(foyer [a-z ]+)`/.exec(first)?.[1] ?? command;
    if (command !== '') lines.add(command);
    for (const [option] of options.matchAll(/--[a-z][a-z-]*/g)) lines.add(`${command} ${option}`);
  }
  return lines;
}

/** main.ts runs when it is imported, so it is read. */
function ofPrograms(): string[] {
  const text = readFileSync(join(import.meta.dirname, 'main.ts'), 'utf8');
  const blocks = text.split(/(?=(?:foyer|admin)\s+\.command\()/).slice(1);
  return blocks.flatMap((block) => {
    const [, group = '', name = ''] = /^(foyer|admin)\s+\.command\('([a-z]+)'\)/.exec(block) ?? [];
    const command = group === 'admin' ? `foyer admin ${name}` : `foyer ${name}`;
    const options = [...block.matchAll(/\.option\(\s*'(--[a-z-]+)/g)].map(([, option = '']) => `${command} ${option}`);
    return [command, ...options];
  });
}

function ofMachines(): string[] {
  const foyer = new Command('foyer');
  addMachineCommands(foyer, () => {});
  const all = (command: Command, path: string): string[] => {
    if (command.commands.length > 0) return command.commands.flatMap((each) => all(each, `${path} ${each.name()}`));
    return [path, ...command.options.map(({ long }) => `${path} ${long}`)];
  };
  return all(foyer, 'foyer');
}
