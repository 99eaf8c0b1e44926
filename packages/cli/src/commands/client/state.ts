// `gatehouse client disable NAME` and `gatehouse client enable NAME`.
import { setDisabled } from '../../connection/disabled-state.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { pathOf } from './show.ts';

export function clientDisable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  return setDisabled(this, flags, { path: pathOf(name), disabled: true, kind: 'client ' });
}

export function clientEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  return setDisabled(this, flags, { path: pathOf(name), disabled: false, kind: 'client ' });
}
