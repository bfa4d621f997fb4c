import { setTimeout as pause } from 'node:timers/promises'

/** What a mail server answers: delivered; busy; try later; mailbox full for now; no such mailbox. */
type Reply = 250 | 421 | 450 | 452 | 550

/**
 * Stands for the mail servers of the readers: slow, and not all of them take the mail at first. The same
 * reader always meets the same fate.
 */
export class MailProvider {
  readonly #contacts = new Map<number, number>()

  async deliver(reader: number): Promise<Reply> {
    const contact = (this.#contacts.get(reader) ?? 0) + 1
    this.#contacts.set(reader, contact)
    await pause(20 + ((reader * 7) % 41))
    if (reader % 100 === 0) return 550
    if (reader % 40 === 1 && contact === 1) return 450
    if (reader % 50 === 2 && contact === 1) return 452
    if (reader % 500 === 3) return 421
    if (reader % 10 === 4 && contact === 1) return 421
    if (reader % 20 === 6 && contact <= 2) return 421
    return 250
  }
}
