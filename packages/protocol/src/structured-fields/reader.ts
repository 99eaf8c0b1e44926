// A position in the text of a structured field.

export class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.#text[this.#at] ?? '';
  }

  get isAfterSpace(): boolean {
    return this.#text[this.#at - 1] === ' ';
  }

  /** Reads the next character if it is this one. Returns whether it was. */
  take(character: string): boolean {
    if (this.next !== character) return false;
    this.#at += 1;
    return true;
  }

  /** The match of the sticky pattern at this position, or undefined. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  skipSpaces(): void {
    while (this.next === ' ') this.#at += 1;
  }

  /** Spaces and tabs (OWS, RFC 9110 §5.6.3). */
  skipBlanks(): void {
    while (this.next === ' ' || this.next === '\t') this.#at += 1;
  }
}
