// Records of the access log as one object, like a line.
import type { AccessMembers, AccessRecord } from '../../src/exchange/access-record.ts';

export function membersOf({ requestId, asked, measured, client }: AccessRecord): AccessMembers {
  return { requestId, ...asked.members, ...measured, ...client.members };
}
