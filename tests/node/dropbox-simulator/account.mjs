// One person's Dropbox: files, cursors, upload sessions, links, and who waits for a change.
import { Tree, lookup } from "./tree.mjs";

export class Account {
  pageSize = 500;
  quota = 2 ** 31;
  generation = 1;
  // Seconds that longpoll asks the next caller to wait.
  backoff = 0;
  waiting = new Set();
  sessions = new Map();
  links = [];

  constructor({ id, uid, email, name }, now, onChange) {
    Object.assign(this, { id, uid, email, name });
    this.tree = new Tree(now, () => {
      onChange(this);
      for (const look of [...this.waiting]) look();
    });
  }

  write(path, data) {
    return this.tree.write(path, Buffer.from(data));
  }
  delete(path) {
    this.tree.remove(lookup(this.tree, path));
  }
  read(path) {
    return this.tree.find(path)?.data;
  }
  used() {
    return this.tree.below("").reduce((sum, entry) => sum + (entry.data?.length ?? 0), 0);
  }

  resetCursors() {
    this.generation += 1;
    for (const look of [...this.waiting]) look();
  }

  shown() {
    const [given, surname] = this.name.split(" ");
    const root = String(this.uid);
    return {
      account_id: this.id,
      name: {
        given_name: given,
        surname,
        familiar_name: given,
        display_name: this.name,
        abbreviated_name: given[0] + surname[0]
      },
      email: this.email,
      email_verified: true,
      disabled: false,
      country: "DE",
      locale: "en",
      referral_link: "https://www.dropbox.com/referrals/simulator",
      is_paired: false,
      account_type: { ".tag": "basic" },
      root_info: { ".tag": "user", root_namespace_id: root, home_namespace_id: root }
    };
  }
}
