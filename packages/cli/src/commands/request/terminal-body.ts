// The body of an answer on a terminal: shows control characters as text, because a terminal would obey them;
// shows JSON in colour; leaves out binary data; and ends the last line. Files and other programs get the
// octets unchanged.
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { visible } from '../../output/print.ts';
import type { Screen } from '../../output/screen.ts';

export interface BodyOnTerminal {
  isJson: boolean;
  screen: Pick<Screen, 'paint'>;
  /** The body is not text. */
  leftOut(): void;
}

const COLORED_CHARACTERS = 1024 * 1024;

/** Turns octets into text that is safe for a terminal. */
export function terminalBody({ isJson, screen, leftOut }: BodyOnTerminal): Transform {
  const decoder = new StringDecoder('utf8');
  let isBinary: boolean | undefined;
  let held = '';
  let colors = isJson;
  let endsLine = true; // also for an empty body

  function write(stream: Transform, text: string, isEnd: boolean): void {
    held += text;
    if (colors && !isEnd && held.length < COLORED_CHARACTERS) return;
    // A CR waits, because an LF may follow.
    const until = !isEnd && held.endsWith('\r') ? held.length - 1 : held.length;
    const shown = readable(held.slice(0, until));
    stream.push(colors && isEnd ? inColor(shown, screen) : shown);
    if (shown !== '') endsLine = shown.endsWith('\n');
    if (isEnd && !endsLine) stream.push('\n');
    held = held.slice(until);
    colors = false;
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      isBinary ??= chunk.includes(0);
      if (!isBinary) write(this, decoder.write(chunk), false);
      done();
    },
    flush(done) {
      if (isBinary) leftOut();
      else write(this, decoder.end(), true);
      done();
    },
  });
}

/** Line ends and tabs stay. Marks that reorder text (Unicode TR 36 §3) do not. */
function readable(text: string): string {
  return text.replace(
    /\r?\n|\t|([\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])/gu,
    (whole, control) => (control === undefined ? whole : visible(whole)),
  );
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function inColor(json: string, { paint }: Pick<Screen, 'paint'>): string {
  return json.replace(TOKEN, (whole, text: string | undefined, colon: string | undefined) => {
    if (text === undefined) return paint('yellow', whole);
    return colon === undefined ? paint('green', text) : paint('cyan', text) + colon;
  });
}
