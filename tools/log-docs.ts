// Writes docs/log-events.md from the catalogue of log events.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LogEventEntry } from '../packages/access/src/log/log-event.ts';
import { LOG_EVENTS } from '../packages/access/src/log/log-events.ts';

export const LOG_PAGE = fileURLToPath(new URL('../docs/log-events.md', import.meta.url));

const INTRODUCTION = `# Log events

<!-- Written by tools/log-docs.ts from the catalogue of log events. -->

This page is a reference: look up what you need. Every log line has one of these events
([what all lines have](logs.md#the-fields-of-a-line)). Events and names of fields do not change between versions; messages may. The
samples show every field that a line can have. A line leaves out unknown fields.
`;

/** The text of the page. */
export function logPage(): string {
  const events = Object.entries<LogEventEntry>(LOG_EVENTS).sort(byName);
  const rows = events.map(([event, { level, message }]) => {
    return `| [\`${event}\`](#${anchorOf(event)}) | ${level} | ${message || 'a request to the gateway, in the access log'} |`;
  });
  const samples = events.map(
    ([event, entry]) => `### ${event}\n\n\`\`\`json\n${sampleOf(event, entry)}\n\`\`\`\n`,
  );
  return [
    INTRODUCTION,
    '| event | level | message |\n|---|---|---|',
    ...rows,
    '\n## A sample of each\n',
    ...samples,
  ].join('\n');
}

/** Events without an area come first, then the others by area. */
function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return Number(a.includes('.')) - Number(b.includes('.')) || (a < b ? -1 : 1);
}

/** The anchor that platforms create for a Markdown heading. */
function anchorOf(event: string): string {
  return event.replaceAll('.', '');
}

function sampleOf(event: string, { level, message, fields }: LogEventEntry): string {
  const time = '2026-01-31T12:00:00.000Z';
  return JSON.stringify({ level, time, event, ...fields, ...(message !== '' && { message }) });
}

if (import.meta.main) writeFileSync(LOG_PAGE, logPage());
