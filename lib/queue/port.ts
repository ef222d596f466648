/**
 * A queue of work: messages wait until a worker has done with them, and survive a worker that dies. What this file says
 * of it is what the acceptance suite `test/contract/queue.ts` asks of every adapter.
 *
 * A message is received at least once, now and then twice, and in no order that could be relied on. Every method throws
 * a {@link RangeError} for what is beyond the limits in `limits.ts`, and a {@link StowageError} `queue_unavailable` when
 * the queue does not answer. What ends so may have been done all the same.
 */
export interface Queue {
  /** Adds messages, any number. When it fails, some may have been added. */
  readonly send: (messages: readonly NewMessage[]) => Promise<void>;

  /**
   * Takes messages to work on. Nobody else gets them until the lease is over; then they come again.
   *
   * @returns none when there are none within the time to wait, or when the signal ended the waiting
   */
  readonly receive: (query: ReceiveQuery) => Promise<readonly Message[]>;

  /** Keeps a message for so many seconds from now. Of no use once the lease is over. */
  readonly extend: (message: Message, leaseSeconds: number) => Promise<void>;

  /** The work is done: the message goes. */
  readonly done: (message: Message) => Promise<void>;

  /** The work is to be tried again, so many seconds from now. */
  readonly retry: (message: Message, delaySeconds: number) => Promise<void>;

  /**
   * The work cannot be done: the message is set aside for 14 days. So is one that has come as often as the queue allows.
   */
  readonly deadLetter: (message: Message, reason: string) => Promise<void>;

  /** A look at what is set aside: up to 10 messages, which stay where they are. */
  readonly deadLetters: () => Promise<readonly DeadLetter[]>;

  /** Sends all that is set aside back into the queue, as if it were new. @returns how many messages */
  readonly redrive: () => Promise<number>;

  /** Ends what waits for messages, lets writes under way end, and gives everything back. */
  readonly close: () => Promise<void>;
}

export interface NewMessage {
  /** At most 240 KiB in UTF-8, of characters that XML allows: see {@link toBody}. */
  readonly body: string;
  /** Default: 0. At most 900. */
  readonly delaySeconds?: number;
}

export interface ReceiveQuery {
  /** 1 to 10. */
  readonly limit: number;
  /** How long the messages are kept from others: 1 to 39,600. */
  readonly leaseSeconds: number;
  /** How long to wait for the first message: at most 20. Default: 0. */
  readonly waitSeconds?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  /** How often it was received, this time included; SQS calls its own count approximate. */
  readonly attempts: number;
  /** Names this receipt of the message to the queue. */
  readonly receipt: string;
}

export interface DeadLetter {
  readonly body: string;
  readonly reason: string;
}

/** Why the queue itself sets a message aside. */
export const cameTooOften = 'It was received as often as the queue allows.';
