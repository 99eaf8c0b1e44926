// `gatehouse group disable|enable NAME`: removes and restores the roles that a group gives its members. In
// force everywhere before the command returns.
import { setDisabled } from '../../connection/disabled-state.ts';
import type { LastAdministratorFlags } from '../../connection/last-administrator.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';

export function groupDisable(this: CliContext, flags: LastAdministratorFlags, name: string): Promise<void> {
  const effect = 'its members do not have its roles';
  const change = { path: pathOf(name), disabled: true, kind: 'group ', effect, concernsAdministrators: true };
  return setDisabled(this, flags, change);
}

export function groupEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const effect = 'its members have its roles again';
  return setDisabled(this, flags, { path: pathOf(name), disabled: false, kind: 'group ', effect });
}

function pathOf(name: string): string {
  return `/admin/groups/${encodeURIComponent(name)}`;
}
