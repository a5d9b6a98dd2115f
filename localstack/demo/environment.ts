import type { Endpoint } from '../seed.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that would make the demo another one on each machine. */
const foreign = /^(?:AWS|GIT|KEYDRIFT)_/;

/** The variables by which any AWS tool finds the endpoint. */
export function endpointVariables({ url, region, credentials }: Endpoint): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/**
 * The environment of the demo's programs: the person's own, without their AWS account, their git
 * configuration and their keydrift options. `nowhere` is a path without a file.
 */
export function stageEnvironment(
  own: Environment,
  endpoint: Endpoint,
  nowhere: string,
): Record<string, string | undefined> {
  const kept = Object.entries(own).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    ...endpointVariables(endpoint),
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    GIT_CONFIG_GLOBAL: nowhere,
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

/** Variables that outrank the demo's in a person's own shell. */
export function foreignVariables(own: Environment): string[] {
  const outranking = [
    'AWS_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_ENDPOINT_URL_S3',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  ];
  return outranking.filter((name) => own[name] !== undefined);
}
