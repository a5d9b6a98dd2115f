import { commandPieces } from './command-pieces.ts';
import {
  singleQuoted,
  type ArtifactReport,
  type Step,
  type VersionEntry,
} from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { findingSentence } from '../issues.ts';
import { groupFindings, hiddenIn } from '../select.ts';
import { more } from '../wording.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { sentenceMarkup } from './sentence.ts';

/** Units that the first screen names. */
const named = 8;

/** The units that are wrong now, as many of each kind as is fair. */
export function wrongNow(artifact: ArtifactReport): Markup {
  const groups = groupFindings(artifact.findings, named, artifact.truncated);
  if (groups.length === 0) return nothing;
  const rest = hiddenIn(groups);
  return markup`<ul class="wrong">${groups
    .flatMap(({ shown }) => shown)
    .map(
      (finding) =>
        markup`<li class="${finding.severity}"><span class="kind ${finding.kind}">${finding.kind}</span> ${foreign(withoutKind(findingSentence(finding), finding.kind))}</li>`,
    )}${rest > 0 ? markup`<li class="note">${more(rest)}, below</li>` : null}</ul>`;
}

function withoutKind(sentence: string, kind: string): string {
  return sentence.startsWith(`${kind} `) ? sentence.slice(kind.length + 1) : sentence;
}

/** What can be done, each way out as a sentence, its commands to be copied. */
export function stepsPart(steps: readonly Step[] = []): Markup {
  if (steps.length === 0) return nothing;
  return markup`<ul class="steps">${steps.map(
    ({ text, commands }) =>
      markup`<li>${sentenceMarkup(escapeTerminal(text))}${commands.length === 0 ? null : commandBlock(commands)}</li>`,
  )}</ul>`;
}

/** Lines to be pasted; the page's script puts a button beside them. */
export function commandBlock(lines: readonly string[]): Markup {
  const [first = '', ...others] = lines;
  return markup`<pre class="command"><code>${commandMarkup(first)}${others.map(
    (line) => markup`
${commandMarkup(line)}`,
  )}</code></pre>`;
}

/** A command whose options no line end cuts at their dashes. */
export function commandMarkup(command: string): Markup {
  return markup`${commandPieces(command).map((piece, at) =>
    at % 2 === 0 ? markup`${piece}` : markup`<span class="option">${piece}</span>`,
  )}`;
}

/** Whom to ask, where the page begins. */
export function contactsLine({ owner, runbook }: ArtifactReport): Markup {
  const parts = [
    ...(owner === null ? [] : [markup`<span>owner ${foreign(owner)}</span>`]),
    ...(runbook === null ? [] : [markup`<span>runbook ${webLink(runbook)}</span>`]),
  ];
  return parts.length === 0 ? nothing : markup`<p class="contacts">${parts}</p>`;
}

/** A web address as a link; anything else, `javascript:` too, is text. */
export function webLink(address: string): Markup {
  const isWeb = /^https?:\/\//i.test(address) && URL.canParse(address);
  return isWeb
    ? markup`<a href="${new URL(address).href}" rel="noopener noreferrer">${foreign(address)}</a>`
    : foreign(address);
}

/** How far around the object's time its writing is looked for: clocks differ, uploads take time. */
const aroundMs = 15 * 60_000;

/**
 * Where to look for who wrote a version, which S3 itself does not tell: CloudTrail's data events,
 * where they are recorded for the bucket. Nothing where a publisher's claim fits, or of no object.
 */
export function writerPart(entry: VersionEntry | undefined, location: string | undefined): Markup {
  const [, bucket, key] = /^s3:\/\/([^/?]+)\/(.+?)(?:\?versionId=.*)?$/s.exec(location ?? '') ?? [];
  if (entry === undefined || bucket === undefined || key === undefined) return nothing;
  if (entry.claim !== null && entry.claim !== undefined) return nothing;
  const around = (by: number): string =>
    new Date(Date.parse(entry.at) + by).toISOString().slice(0, 19).replace('T', ' ');
  const names = entry.deleted
    ? "'DeleteObject', 'DeleteObjects'"
    : "'PutObject', 'CopyObject', 'CompleteMultipartUpload'";
  const query = [
    'SELECT eventTime, eventName, userIdentity.arn, sourceIPAddress, userAgent, responseElements',
    'FROM EVENT_DATA_STORE_ID',
    `WHERE eventSource = 's3.amazonaws.com' AND eventName IN (${names})`,
    `  AND element_at(requestParameters, 'bucketName') = ${singleQuoted(bucket)}`,
    ...(entry.deleted ? [] : [`  AND element_at(requestParameters, 'key') = ${singleQuoted(key)}`]),
    `  AND eventTime BETWEEN '${around(-aroundMs)}' AND '${around(aroundMs)}'`,
    'ORDER BY eventTime',
  ];
  return markup`<section aria-labelledby="writer"><h2 id="writer">Who wrote it</h2>
<p>S3 does not tell who wrote a version, and nothing in this one does. CloudTrail knows, where data events are recorded for the bucket: ask CloudTrail Lake (in Athena, <code>requestParameters</code> is JSON: <code>json_extract_scalar(requestparameters, '$.key')</code>).</p>
${commandBlock(query)}</section>
`;
}
