// Loaded into a process with --import: shifts its clock by the seconds in a file, which a test may change.
import { readFileSync } from 'node:fs';

const READ_EVERY_MS = 50;
const MachineDate = Date;
let shiftMs = 0;
let readAt = Number.NEGATIVE_INFINITY;

function shifted() {
  const at = performance.now();
  if (at - readAt > READ_EVERY_MS) {
    readAt = at;
    shiftMs = Number(readFileSync(process.env.CLOCK_SHIFT_FILE, 'utf8')) * 1000;
  }
  return MachineDate.now() + shiftMs;
}

globalThis.Date = class ShiftedDate extends MachineDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [shifted()] : parts));
  }

  static now() {
    return shifted();
  }
};
