import { getDefaultRoleAssumer } from '@aws-sdk/nested-clients/sts';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { KeydriftError } from '../../model/index.ts';
import type { AssumedRole } from './access.ts';
import { silence } from './sdk.ts';
import { within } from './transport.ts';

type Provider = Extract<NonNullable<S3ClientConfig['credentials']>, (...given: never[]) => unknown>;
type Identity = Awaited<ReturnType<Provider>>;

/**
 * Temporary credentials of a role, asked for with those of the way itself; the client asks again before
 * they end. Throws `STORE_CREDENTIALS_REFUSED` where they are not given.
 */
export function assumeRole(
  { arn, externalId, endpoint }: AssumedRole,
  region: string,
  source: () => Promise<Identity>,
  waitMs: number,
): () => Promise<Identity> {
  const assume = getDefaultRoleAssumer({
    region,
    logger: silence,
    ...(endpoint === null ? {} : { endpoint }),
  });
  return async () => {
    const own = await source();
    const asked = {
      RoleArn: arn,
      RoleSessionName: 'keydrift',
      ...(externalId === null ? {} : { ExternalId: externalId }),
    };
    try {
      return await within(waitMs, 'no credentials came from STS', assume(own, asked));
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new KeydriftError(
        'STORE_CREDENTIALS_REFUSED',
        `the role ${arn} was not given: ${said}`,
        {
          cause,
          hint: 'The caller needs sts:AssumeRole, and the trust policy of the role has to name the caller, with the externalId that it asks for.',
        },
      );
    }
  };
}
