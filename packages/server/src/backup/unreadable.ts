// The refusal of a file that is not a complete, unaltered backup.
import { GatehouseError } from '@gatehouse/access';

/** `reason` follows the name of the file: "… is cut off". */
export function unreadable(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('backup_unreadable', reason, { cause });
}

/**
 * The message for a changed or missing octet. Authenticated encryption cannot tell which of the two happened.
 */
export const ALTERED = 'was altered or truncated after it was written: use another copy of it';
