// How sections are sent: first whole, in parts, and then as differences. All of this is plain data.

/** A difference of one section: the values to put under keys, and the keys to remove. */
export interface SectionChange {
  /** The sequence number of the section after this change. */
  seq: number;
  section: string;
  /** One more than the version of the section's previous change: a gap means that a change was missed. */
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
