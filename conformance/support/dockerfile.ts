// A reader of Dockerfiles, as much as ours needs: instructions over several lines, comments, stages. It
// refuses unknown instructions.

export interface Instruction {
  name: string;
  /** The rest, with its lines joined. */
  text: string;
}

export interface Stage {
  image: string;
  name: string | undefined;
  instructions: Instruction[];
}

const NAMES = 'CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK RUN USER VOLUME WORKDIR'.split(' ');

/** Throws an Error for a line that is no instruction. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const { name, text: rest } of instructionsOf(text)) {
    if (name === 'FROM') stages.push(stageFrom(rest));
    else if (stages.length === 0) throw new Error(`${name} comes before FROM`);
    else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

/** The texts of all instructions of this name. */
export function textsOf({ instructions }: Stage, name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({ text }) => text);
}

/** The words of an instruction in its exec form, a JSON array, which needs no shell. */
export function execForm(text: string | undefined): string[] {
  const words: unknown = JSON.parse((text ?? '').replace(/^.*?CMD (?=\[)/, ''));
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`not an exec form: ${text}`);
}

/** The variables of all ENV instructions. */
export function variablesOf(stage: Stage): Record<string, string> {
  const pairs = textsOf(stage, 'ENV').flatMap((text) => text.split(/\s+/));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const joined = lines.join('\n').replaceAll(/[ \t]*\\\n[ \t]*/g, ' ');
  return joined.split('\n').map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(\S.*)$/.exec(line) ?? [];
    if (!NAMES.includes(name)) throw new Error(`not an instruction: ${line}`);
    return { name, text: rest };
  });
}

function stageFrom(text: string): Stage {
  const [, image = '', name] = /^(\S+)(?: AS ([a-z]+))?$/.exec(text) ?? [];
  if (image === '') throw new Error(`not a stage: FROM ${text}`);
  return { image, name, instructions: [] };
}
