import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';

/** Answers a request or takes an event, by pattern. */
export type LocalHandlers = Record<string, (data: never) => unknown>;

/**
 * A client that answers from functions, without NATS: overrides the whole transport in a test of code that only sends.
 *
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(getNatsAuthClientToken())
 *   .useValue(new LocalClient({ 'orders.get': (id: number) => ({ id }) }));
 * ```
 * @public
 */
export class LocalClient extends ClientProxy {
  /** Every packet that was sent or emitted, oldest first. */
  readonly packets: ReadPacket[] = [];

  constructor(private readonly handlers: LocalHandlers) {
    super();
  }

  override connect(): Promise<void> {
    return Promise.resolve();
  }

  override close(): void {
    // Nothing is open.
  }

  override unwrap(): never {
    throw new Error('A LocalClient has no connection.');
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    this.#handle(packet).then(
      (response) => callback({ response, isDisposed: true }),
      (err: unknown) => callback({ err }),
    );
    return () => {};
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    return (await this.#handle(packet)) as T;
  }

  async #handle(packet: ReadPacket): Promise<unknown> {
    this.packets.push(packet);
    const pattern = this.normalizePattern(packet.pattern as string);
    const handler = this.handlers[pattern] as ((data: unknown) => unknown) | undefined;
    if (!handler) throw new Error(`The LocalClient has no handler for '${pattern}'.`);
    return await handler(packet.data);
  }
}
