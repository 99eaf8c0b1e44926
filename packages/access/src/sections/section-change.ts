// How sections are sent: first whole, in parts, and then as differences. All of this is plain data.

/** A change of one section: the values to set, and the keys to remove. */
export interface SectionChange {
  /** The sequence number of the section after this change. */
  seq: number;
  section: string;
  /** One more than the version of the section's previous change, so a gap means a missed change. */
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
