// How sections travel: whole, a part at a time, and then as differences. All of it is plain data.

/** A difference of one section: the values to put under keys, and the keys to remove. */
export interface SectionChange {
  /** The sequence number of the section after this change. */
  seq: number;
  section: string;
  /** One more than the version of the section's previous change: a gap reveals a missed change. */
  version: number;
  put: [key: string, value: unknown][];
  remove: string[];
}

/** A part of a whole section. */
export interface SectionPage {
  section: string;
  version: number;
  entries: [key: string, value: unknown][];
  isFirst: boolean;
  isLast: boolean;
}
