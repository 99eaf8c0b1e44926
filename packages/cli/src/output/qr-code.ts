// QR codes on the terminal.
import { styleText } from 'node:util';
import { encodeQR } from 'qr';
import type { CliProcess } from '../process.ts';

/** White on black if the terminal has colours, because some cameras cannot read the reverse. */
export function qrCode({ stdout }: CliProcess, text: string): string {
  const lines = encodeQR(text, 'ascii', { ecc: 'medium', border: 4 }).trimEnd().split('\n');
  return lines.map((line) => styleText(['whiteBright', 'bgBlack'], line, { stream: stdout })).join('\n');
}
