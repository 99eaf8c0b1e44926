// The output of `gatehouse inspect` for people: the connection, the certificates as a tree from the root
// down, the revocation, and what to fix. It is complete without colour.

import { wrap } from '../../output/lines.ts';
import { cell } from '../../output/print.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { shorten } from '../../output/table.ts';
import { span } from '../../output/times.ts';
import type { ChainEntry, Problem, Report, SourceReport } from './report.ts';
import { authorityOf } from './target.ts';

/** All lines: the verdict and what to fix come first, the details follow. */
export function inWords(report: Report, screen: Screen, now: Date): string[] {
  const width = Math.min(screen.columns ?? WIDTH, WIDEST);
  const [errors, warnings] = (['error', 'warning'] as const).map((severity) =>
    problemLines(
      report.problems.filter((problem) => problem.severity === severity),
      { screen, width },
    ),
  );
  const sections = [
    headline(report, { screen, width }),
    section('Why', errors ?? [], screen),
    section('Connection', connectionLines(report), screen),
    section('Certificates', treeLines(report.chain, { screen, width, now }), screen),
    section('Revocation', revocationLines(report, screen), screen),
    section('Could be better', warnings ?? [], screen),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

const WIDTH = 100;
const WIDEST = 120;
const NAMES_SHOWN = 6;

function section(title: string, lines: readonly string[], screen: Screen): string[] {
  return lines.length === 0 ? [] : [screen.paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function headline({ trusted, chain, roots, address, ...target }: Report, { screen, width }: Paper): string[] {
  const at = address === null || address === target.host ? '' : ` (${cell(address)})`;
  const name = target.serverName === target.host ? '' : `, as ${cell(target.serverName)}`;
  const root = chain.findLast((each) => each.trusted);
  const [mark, style] = trusted ? (['✓ trusted', 'green'] as const) : (['✗ not trusted', 'red'] as const);
  const path = trusted ? `: leads to ${cell(root?.subject)}` : '';
  const [first = '', ...others] = wrap(`${mark}${path} (by ${cell(roots)})`, width - INDENT);
  return [
    `${screen.paint('bold', cell(authorityOf(target)))}${at}${name}`,
    `${screen.paint(style, mark)}${first.slice(mark.length)}`,
    ...others.map((line) => `  ${line}`),
  ];
}

function connectionLines({ tls, versions }: Report): string[] {
  const isHybrid = tls.group?.includes('MLKEM') === true;
  const facts: (readonly [string, string | undefined])[] = [
    ['version', tls.version.replace('TLSv1', 'TLS 1').replace(/^TLS 1$/, 'TLS 1.0')],
    ['suite', cell(tls.cipher)],
    [
      'key exchange',
      tls.group === null
        ? 'RSA, without forward secrecy'
        : `${cell(tls.group)}${isHybrid ? ', post-quantum' : ''}`,
    ],
    ['ALPN', tls.alpn === null ? 'none' : cell(tls.alpn)],
    ['resumption', tls.resumes ? 'yes' : 'no'],
    ['handshake', `${tls.handshakeMs.toFixed(1)} ms`],
    ['your certificate', tls.clientCertificate === 'required' ? 'required' : undefined],
    ['also accepts', versions === null ? undefined : versionsText(versions)],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(COLUMN)}${text}`]));
}

const COLUMN = 18;

function versionsText(versions: Readonly<Record<string, boolean>>): string {
  const name = (version: string) => version.replace(/^TLSv1$/, 'TLSv1.0').replace('TLSv', '');
  return Object.entries(versions)
    .map(([version, accepted]) => `${name(version)} ${accepted ? 'yes' : 'no'}`)
    .join(', ');
}

interface Paper {
  screen: Screen;
  width: number;
}

/** The root first, and each certificate below its issuer. */
function treeLines(chain: readonly ChainEntry[], { screen, width, now }: Paper & { now: Date }): string[] {
  const rows = [...unknownIssuer(chain), ...chain.toReversed().map((entry) => rowOf(entry, now))];
  return rows.flatMap(({ name, right, style, details }, depth) => {
    const indent = '   '.repeat(Math.max(0, depth - 1));
    const branch = depth === 0 ? '' : `${indent}└─ `;
    const below = depth === 0 ? '' : `${indent}   `;
    const stem = depth === rows.length - 1 ? '   ' : '│  ';
    const room = width - INDENT - branch.length - right.length - GAP;
    const short = shorten(name, Math.max(room, SHORTEST));
    const gap = ' '.repeat(Math.max(0, room - [...short].length) + GAP);
    const title = `${screen.paint('bold', short)}${gap}${screen.paint(style, right)}`;
    return [`${branch}${title}`, ...details.map((line) => `${below}${stem}${line}`)];
  });
}

interface Row {
  name: string;
  right: string;
  style: Style;
  details: readonly string[];
}

const GAP = 2;
const SHORTEST = 16;

/** The missing issuer of a chain without a root: only its name is known. */
function unknownIssuer(chain: readonly ChainEntry[]): Row[] {
  const last = chain.at(-1);
  if (last === undefined || last.trusted || last.issuer === last.subject) return [];
  return [{ name: cell(last.issuer), right: 'not sent, and not trusted here', style: 'red', details: [] }];
}

function rowOf(entry: ChainEntry, now: Date): Row {
  const { subject, names, sent, trusted, daysLeft } = entry;
  const place = trusted ? 'trusted here' : sent ? '' : 'not sent';
  const right = [place, age(entry, now)].filter((text) => text !== '').join(', ');
  return {
    name: cell(subject || plain(names[0] ?? '')),
    right,
    style: colorOf(daysLeft),
    details: detailLines(entry),
  };
}

const SOON_DAYS = 14;

function colorOf(daysLeft: number): Style {
  if (daysLeft < 0) return 'red';
  return daysLeft < SOON_DAYS ? 'yellow' : 'green';
}

function age({ notBefore, notAfter }: { notBefore: string; notAfter: string }, now: Date): string {
  if (Date.parse(notBefore) > now.getTime()) return `valid in ${span(Date.parse(notBefore) - now.getTime())}`;
  const left = Date.parse(notAfter) - now.getTime();
  return left < 0 ? `expired ${span(-left)} ago` : `${span(left)} left`;
}

function detailLines({ names, isCa, key, signatureAlgorithm }: ChainEntry): string[] {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => shorten(cell(plain(name)), LONGEST_NAME));
  const rest = names.length - shown.length;
  const list = `names  ${shown.join(', ') || 'none'}${rest > 0 ? `, and ${rest} more` : ''}`;
  return [
    ...(isCa ? [] : [list]),
    `key    ${cell(key.type)}, signed with ${cell(signatureAlgorithm)}`,
    `pin    ${key.pin}`,
  ];
}

/** Without the kind of the name, because its form shows it. */
function plain(name: string): string {
  return name.replace(/^(?:DNS|IP):/, '');
}

const LONGEST_NAME = 60;

function revocationLines({ revocation: { verdict, mustStaple, sources } }: Report, screen: Screen): string[] {
  const found = sources.map((source) => sourceLine(source, screen));
  const isStapled = sources.some(({ kind }) => kind === 'stapled');
  const none =
    sources.length === 0
      ? [`${'not checked'.padEnd(COLUMN)}the certificate names no source, or the command asked none`]
      : [];
  const staple =
    isStapled || verdict === 'not checked'
      ? []
      : [`${'stapled'.padEnd(COLUMN)}nothing${mustStaple ? ', but the certificate demands it' : ''}`];
  return [...staple, ...found, ...none];
}

const KINDS = { stapled: 'stapled', ocsp: 'OCSP', crl: 'revocation list' } as const;
const STATUS_STYLE = { good: 'green', revoked: 'red', unknown: 'yellow' } as const;

function sourceLine({ kind, url, status, detail }: SourceReport, screen: Screen): string {
  const words = `${screen.paint(STATUS_STYLE[status], status)}${detail === null ? '' : `: ${cell(detail)}`}`;
  return `${KINDS[kind].padEnd(COLUMN)}${words}${url === null ? '' : screen.paint('dim', `  ${cell(url)}`)}`;
}

/** A problem, how to fix it, and a command to copy on a separate line. */
function problemLines(problems: readonly Problem[], { screen, width }: Paper): string[] {
  return problems.flatMap(({ severity, what, fix, command }) => {
    const isError = severity === 'error';
    const mark = isError ? '✗' : '!';
    const [first = '', ...more] = wrap(cell(sentence(what)), width - INDENT - 2);
    return [
      `${screen.paint(isError ? 'red' : 'yellow', mark)} ${first}`,
      ...more.map((line) => `  ${line}`),
      ...wrap(`Fix: ${cell(fix)}.`, width - INDENT - 2).map((line) => `  ${line}`),
      ...(command === null ? [] : [`  $ ${screen.paint('cyan', cell(command))}`]),
    ];
  });
}

const INDENT = 2;

function sentence(what: string): string {
  return `${what[0]?.toUpperCase() ?? ''}${what.slice(1)}`;
}
