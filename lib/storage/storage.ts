import { connect } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import type { TlsIdentity } from './exchange.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { createLifecycleOperations, type LifecycleOperations } from './lifecycle.ts';
import { createOperations, type Operations } from './operations.ts';
import { createSeenObjects, type SeenObjects } from './seen-objects.ts';
import { createSigning, type Signing } from './signing.ts';
import type { Credentials } from './sigv4.ts';

/** Everything that speaks S3: addresses signed for callers, and the service's own requests. */
export interface Storage extends Signing, Operations, Inventory, SeenObjects, LifecycleOperations {
  close: () => void;
}

export interface StorageOptions {
  /** The endpoint as this process reaches it. */
  readonly endpoint: Endpoint;
  /** The endpoint as callers reach it. Default: the same. */
  readonly publicEndpoint?: Endpoint;
  readonly region: string;
  readonly credentials: Credentials;
  /** For an endpoint of a certificate that no public CA has signed. */
  readonly identity?: (() => TlsIdentity) | undefined;
  /** Of the addresses that are signed for callers. Default: as long as is asked for. */
  readonly maxLifetimeSeconds?: () => number;
  readonly now?: () => Date;
}

export function createStorage(options: StorageOptions): Storage {
  const { endpoint, publicEndpoint = endpoint, region, credentials, now = () => new Date() } = options;
  const { maxLifetimeSeconds } = options;
  const connection = connect({ endpoint, region, credentials, now, identity: options.identity });
  return {
    ...createSigning({ endpoint: publicEndpoint, region, credentials, maxLifetimeSeconds, now }),
    ...createOperations(connection),
    ...createInventory(connection),
    ...createSeenObjects(connection),
    ...createLifecycleOperations(connection),
    close: connection.close,
  };
}
