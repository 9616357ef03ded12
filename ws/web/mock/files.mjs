// What the stand-in hub keeps of customers.

export class Files {
  #of = new Map();

  of(customer) {
    if (!this.#of.has(customer)) this.#of.set(customer, { said: [], notes: [], merges: [] });
    return this.#of.get(customer);
  }

  all() {
    return this.#of.values();
  }

  say(customer, channel, change, reason = null, until = null, source = "agent") {
    this.of(customer).said.unshift({ at: Date.now(), subject: `customer:${customer}`, channel, change, source, reason, until, interaction: null });
  }
}
