import { AbstractConnector } from 'ioredis'
import { createConnection, type NetConnectOpts, type Socket } from 'node:net'

/**
 * Connects ioredis to a server that is still to be started: for a client that must exist before its address
 * is known.
 */
export class DeferredConnector extends AbstractConnector {
  declare stream: Socket
  readonly #address: () => Promise<NetConnectOpts>

  constructor(address: () => Promise<NetConnectOpts>, disconnectTimeout: number) {
    super(disconnectTimeout)
    this.#address = address
  }

  override async connect(): Promise<Socket> {
    this.connecting = true
    const address = await this.#address()
    if (!this.connecting) throw new Error('Connection is closed.')
    this.stream = createConnection(address)
    return this.stream
  }
}
