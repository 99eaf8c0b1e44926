// The abilities of a stream: whether it is a terminal, its width, and whether it shows colour. `--color`
// decides, then NO_COLOR (https://no-color.org), then the stream itself.
import { styleText } from 'node:util';

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

export interface Screen {
  /** Undefined without a terminal: output for programs is never shortened. */
  readonly columns: number | undefined;
  /** The same text if the stream shows no colour. */
  paint(style: Style, text: string): string;
}

/** Lists are designed for this width. On a narrower terminal, the lines wrap. */
const FEWEST_COLUMNS = 80;

/** The screen behind `stream`, which is a terminal if `isTTY` is true. */
export function createScreen(
  stream: { isTTY?: boolean; columns?: number },
  env: NodeJS.ProcessEnv,
  choice: ColorChoice = 'auto',
): Screen {
  const isTerminal = stream.isTTY === true;
  const isWanted = !env.NO_COLOR && env.TERM !== 'dumb';
  const isColored = choice === 'always' || (choice === 'auto' && isTerminal && isWanted);
  return {
    columns: isTerminal ? Math.max(stream.columns ?? FEWEST_COLUMNS, FEWEST_COLUMNS) : undefined,
    paint: (style, text) => (isColored ? styleText(style, text, { validateStream: false }) : text),
  };
}

export interface TakenColor {
  /** Undefined if `--color` has an unknown value, or none. */
  choice: ColorChoice | undefined;
  /** The arguments without it. */
  rest: string[];
}

/** Takes `--color WHEN` out of the arguments. It is an option of every command. */
export function takeColor(args: readonly string[]): TakenColor {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const at = options.findIndex((arg) => arg === '--color' || arg.startsWith('--color='));
  if (at === -1) return { choice: 'auto', rest: [...args] };
  const [, inline] = (args[at] ?? '').split('=');
  const value = inline ?? options[at + 1];
  const rest = args.toSpliced(at, inline === undefined ? 2 : 1);
  return { choice: COLOR_CHOICES.find((known) => known === value), rest };
}
