import { copyName, findingKinds, type ArtifactReport, type Report } from '../../model/index.ts';
import { describeError } from '../error.ts';
import { escapeTerminal } from '../escape.ts';
import { issuesOf, type Issue } from '../issues.ts';
import type { Reporter } from '../reporter.ts';
import { forbiddenChange, verdictFacts } from '../summary.ts';
import { groupFindings } from '../select.ts';
import { more } from '../wording.ts';

/** Lines that one case tells. */
const mostLines = 200;

/**
 * JUnit XML for whatever shows test results: an artifact is a suite, each kind of finding a case of
 * it, and so is what else was found. What fails is a failure, a missing verdict an error.
 */
export const report: Reporter = function* junit(told) {
  const suites = told.artifacts.map((artifact) => ({ artifact, cases: casesOf(artifact) }));
  const ofContract = contractCases(told);
  const all = [
    ...suites.flatMap(({ cases }) => cases),
    ...(told.error === null ? [] : [{ name: told.error.code, outcome: 'error' as const }]),
    ...ofContract,
  ];
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="keydrift ${told.command}"${numbers(all)}${time(told.durationMs)}>\n`;
  if (told.error !== null) yield errorSuite(told, told.error);
  for (const { artifact, cases } of suites) {
    const name = attribute(copyName(artifact.name, artifact.copy));
    yield `  <testsuite name=${name}${numbers(cases)}${time(0)} timestamp="${told.startedAt.slice(0, 19)}">\n`;
    yield `    <properties>\n${propertiesOf(artifact)}    </properties>\n`;
    for (const one of cases) yield caseXml(name, one);
    yield '  </testsuite>\n';
  }
  if (ofContract.length > 0) yield runSuite(told, ofContract);
  yield '</testsuites>\n';
};

interface Case {
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message?: string;
  readonly lines?: readonly string[];
}

/** A case for each kind, whether or not something was found, so that a case has a history. */
function casesOf(artifact: ArtifactReport): readonly Case[] {
  const { verdict, skipped, error, truncated } = artifact;
  if (skipped !== undefined) return [{ name: 'judged', outcome: 'skipped', message: skipped }];
  const issues = [...issuesOf(artifact)];
  const groups = groupFindings(artifact.findings, 0, truncated);
  const fails = verdict === 'indeterminate' ? 'error' : 'failure';
  const facts = escapeTerminal(verdictFacts(artifact, groups).join(', '));
  const whole: Case = {
    name: 'in sync',
    ...(verdict === 'in-sync'
      ? { outcome: 'passed' }
      : { outcome: fails, message: facts, lines: error === null ? [] : [plainError(error)] }),
  };
  const others = issues.filter(({ finding, rule }) => finding === null && rule !== error?.code);
  return [
    whole,
    ...(verdict === 'indeterminate'
      ? []
      : findingKinds.map((kind) =>
          caseOf(
            kind,
            issues.filter(({ finding }) => finding?.kind === kind),
            truncated?.[kind] ?? 0,
          ),
        )),
    ...(others.length === 0
      ? []
      : [{ ...caseOf('warnings', others, 0), outcome: 'passed' as const }]),
  ];
}

function caseOf(name: string, issues: readonly Issue[], unlisted: number): Case {
  const total = issues.length + unlisted;
  const lines = issues.slice(0, mostLines).map(({ message }) => message);
  if (total > lines.length) lines.push(more(total - lines.length));
  const failing = issues.some(({ level }) => level === 'error');
  return failing
    ? { name, outcome: 'failure', message: `${total} ${name}`, lines }
    : { name, outcome: 'passed', lines };
}

function caseXml(suite: string, { name, outcome, message = '', lines = [] }: Case): string {
  const text = lines.length === 0 ? '' : content(lines.join('\n'));
  const type = attribute(name);
  const inner = {
    passed: text === '' ? '' : `<system-out>${text}</system-out>`,
    failure: `<failure message=${attribute(message)} type=${type}>${text}</failure>`,
    error: `<error message=${attribute(message)} type=${type}>${text}</error>`,
    skipped: `<skipped message=${attribute(message)}/>`,
  }[outcome];
  return `    <testcase name=${type} classname=${suite}${time(0)}>${inner}</testcase>\n`;
}

function errorSuite(told: Report, error: NonNullable<Report['error']>): string {
  const one: Case = {
    name: error.code,
    outcome: 'error',
    message: escapeTerminal(error.message),
    lines: [plainError(error)],
  };
  return runSuite(told, [one]);
}

/** What a change does to the contract, where that alone fails the run. */
function contractCases(told: Report): readonly Case[] {
  const forbidden = forbiddenChange(told);
  if (forbidden === null) return [];
  const { title: message, lines } = forbidden;
  return [{ name: 'enforcement', outcome: 'failure', message, lines }];
}

/** What is of no artifact. */
function runSuite({ command }: Report, all: readonly Case[]): string {
  const suite = attribute(`keydrift ${command}`);
  const xml = all.map((one) => caseXml(suite, one)).join('');
  return `  <testsuite name=${suite}${numbers(all)}${time(0)}>\n${xml}  </testsuite>\n`;
}

function plainError(error: NonNullable<Report['error']>): string {
  return describeError(error, { width: 100, color: false });
}

function propertiesOf({ owner, runbook, labels, verdict, state }: ArtifactReport): string {
  const facts = [
    ['verdict', verdict],
    ['state', state],
    ['owner', owner],
    ['runbook', runbook],
    ...[...labels].map(([name, value]) => [`label.${name}`, value] as const),
  ] as const;
  return facts
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `      <property name=${attribute(name)} value=${attribute(value ?? '')}/>\n`,
    )
    .join('');
}

/** How many cases there are, of each outcome. */
function numbers(cases: readonly Pick<Case, 'outcome'>[]): string {
  const of = (wanted: Case['outcome']): number =>
    cases.filter(({ outcome }) => outcome === wanted).length;
  return ` tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function time(milliseconds: number): string {
  return ` time="${(milliseconds / 1000).toFixed(3)}"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function content(text: string): string {
  const safe = text.split('\n').map(escapeTerminal).join('\n');
  // The only characters that pass until here and that XML does not know.
  return safe.replace(/[&<>"]|[\ufffe\uffff]/g, (one) => entities[one] ?? '\ufffd');
}

function attribute(text: string): string {
  return `"${content(escapeTerminal(text))}"`;
}
