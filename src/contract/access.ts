import { quote, type S3Access } from '../model/index.ts';
import { allSaid, said, type Layers } from './draft.ts';
import {
  accountExpected,
  accountPattern,
  endpointExpected,
  endpointPattern,
  roleExpected,
  rolePattern,
} from './vocabulary.ts';
import { fillIn, malformedFault, type Variables } from './variables.ts';

/** How copies are reached, and the variables in it that nobody set. */
export interface Reach {
  readonly access: S3Access;
  readonly unset: readonly string[];
}

/** Flag and environment before the contract, the copy before its artifact; `anonymous` where any says so. */
export function readAccess(
  layers: Layers,
  { access, variables }: { readonly access: S3Access; readonly variables: Variables },
): Reach {
  const unset = new Set<string>();
  const read = (
    word: 'endpoint' | 'region' | 'profile' | 'expectedOwner' | 'roleArn',
    pattern: RegExp,
    expected: string,
  ): string | null => {
    const by = said(layers, word);
    if (by === null) return null;
    const filled = fillIn(by.value, variables);
    for (const name of filled.unset) unset.add(name);
    if (filled.malformed) by.file.report(by.path, malformedFault.message, malformedFault.hint);
    else if (filled.unset.length === 0 && !pattern.test(filled.text)) {
      const hint = 'The value comes from a variable.';
      by.file.report(by.path, `expected ${expected}, found ${quote(by.value)}`, hint);
    }
    return filled.text;
  };
  const role = read('roleArn', rolePattern, roleExpected);
  const external = said(layers, 'externalId');
  if (role === null && external !== null && external.rank !== 'defaults') {
    external.file.report(external.path, '"externalId" without a "roleArn" to ask for');
  }
  return {
    access: {
      endpoint: access.endpoint ?? read('endpoint', endpointPattern, endpointExpected),
      region: access.region ?? read('region', /./, 'an AWS region'),
      profile: access.profile ?? read('profile', /./, 'an AWS profile'),
      expectedOwner: access.expectedOwner ?? read('expectedOwner', accountPattern, accountExpected),
      anonymous: access.anonymous || allSaid(layers, 'anonymous')[0]?.value === true,
      ...(role === null ? {} : { roleArn: role }),
      ...(role === null || external === null ? {} : { externalId: external.value }),
    },
    unset: [...unset],
  };
}
