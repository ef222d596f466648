import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Grant } from '../access/grants.ts';
import type { Payload } from './auth/payload.ts';
import type { Blobs } from './blobs/blobs.ts';
import type { Intake } from './body/receive.ts';
import type { ObjectIndex } from './index/object-index.ts';

/** What every operation works with. */
export interface Services {
  readonly index: ObjectIndex;
  readonly blobs: Blobs;
  readonly intake: Intake;
  readonly region: string;
  readonly now: () => Date;
  /** How long a day of lifecycles and of archives is. */
  readonly dayMilliseconds: number;
}

/** A request as its line and headers tell it, before anything is believed. */
export interface Call {
  readonly requestId: string;
  /** The peer's IP address. */
  readonly sourceAddress: string;
  readonly method: string;
  /** The store's or the bucket's own address, as the caller reached it: `https://127.0.0.1:9000`. */
  readonly origin: string;
  /** As it stood in the request line, percent-encoded. */
  readonly path: string;
  /** Empty where the request is for the service. */
  readonly bucket: string;
  /** Empty where the request is for a bucket. */
  readonly key: string;
  /** The query as it came, and as it is signed. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The query by name. A parameter that is repeated comes to no operation. */
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; values decoded as UTF-8; repeated headers joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body's stream. Whoever asks for it has accepted the body: a client that waits for `100 Continue` gets it now. */
  readonly body: () => IncomingMessage;
}

/** What a caller may do. */
export interface Rights {
  readonly grants: readonly Grant[];
  /** What holds in a bucket beside the grants. Default: nothing, as for root and the addresses that it signs. */
  readonly rulesOf?: ((bucket: string) => WriteRules | undefined) | undefined;
  /** The headers that an object of the caller must have, in place of what they say. Default: none. */
  readonly marks?: ((bucket: string) => Readonly<Record<string, string>>) | undefined;
  /** Takes the room for an object, where somebody counts it. Default: nobody does. */
  readonly takeRoom?: ((object: RoomRequest) => Promise<Room | undefined>) | undefined;
}

export interface RoomRequest {
  readonly bucket: string;
  readonly key: string;
  /** At most. */
  readonly sizeBytes: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Room that was taken: for an object that is there, or never will be. */
export interface Room {
  readonly settle: () => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface WriteRules {
  readonly maxObjectBytes: number;
  /** Such as `image/*`. */
  readonly contentTypes: readonly string[];
  /** Takes the bucket no changes now? */
  readonly isReadOnly: boolean;
}

/** A call whose signature holds. */
export interface SignedCall extends Call, Rights {
  readonly accessKeyId: string;
  readonly payload: Payload;
}

/** An answer. A function as body writes what `content-length` announces. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ((response: ServerResponse) => Promise<void>);
}

export type Operation = (services: Services, call: SignedCall) => Reply | Promise<Reply>;
