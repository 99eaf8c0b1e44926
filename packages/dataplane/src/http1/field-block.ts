// Fields that are sent many times without a change. Their lines are created once.
import type { FieldList } from './messages.ts';

export class FieldBlock {
  readonly fields: FieldList;
  #lines: string | undefined;
  #hasDate: boolean | undefined;

  constructor(fields: FieldList) {
    this.fields = fields;
  }

  /** In the form of `fieldLines`. */
  get lines(): string {
    this.#lines ??= joinedLines(this.fields);
    return this.#lines;
  }

  /** Whether the field Date is among them. */
  get hasDate(): boolean {
    this.#hasDate ??= this.fields.some(
      (field, index) => index % 2 === 0 && field.length === 4 && field.toLowerCase() === 'date',
    );
    return this.#hasDate;
  }
}

/** One flat string: a string of many parts would be joined again each time it is sent. */
function joinedLines(fields: FieldList): string {
  const lines: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    lines.push(`${fields[index]}: ${fields[index + 1]}\r\n`);
  }
  return lines.join('');
}
