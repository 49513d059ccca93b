const WAIT_MS = 1200;
const RETRY_MS = [3_000, 8_000, 20_000, 60_000];
/** A saving that takes longer has failed: whoever presses a button meanwhile waits for it. */
const PATIENCE_MS = 8_000;

interface Saved {
  version: number;
  words: string;
  missing: string;
  kept: boolean;
}

/** Saves a form while it is filled in. Offline the words stay on the page, and it tries again; nothing is kept
 * in the browser's storage, which others of the household may read. */
export class AutosaveForm extends HTMLElement {
  #timer = 0;
  #tries = 0;
  #changes = 0;
  #sending: Promise<void> | undefined;
  #isStopped = false;

  get #form(): HTMLFormElement {
    return this.querySelector("form")!;
  }
  get #version(): HTMLInputElement {
    return this.#form.querySelector<HTMLInputElement>("input[name=version]")!;
  }

  connectedCallback(): void {
    this.addEventListener("input", (event) => {
      if (!(event.target as Element).closest("[data-not-saved]")) this.#touched();
    });
    this.addEventListener("submit", (event) => this.#submitted(event));
    if (this.#isChangedAlready()) this.#touched();
    addEventListener("online", () => this.#changes && this.#save());
    addEventListener("beforeunload", (event) => {
      if (this.#changes && !this.#isStopped) event.preventDefault();
    });
  }

  /** On a slow line people write before this script has come. What the browser puts back after "back" is another
   * matter: then the version differs too, and nobody has written. */
  #isChangedAlready(): boolean {
    if (this.#version.value !== this.#version.defaultValue) return false;
    return [...this.#form.elements].some((field) => !field.closest("[data-not-saved]") && isChanged(field));
  }

  /** Two savings at once would meet as two people: the button waits for what is under way. */
  #submitted(event: SubmitEvent): void {
    clearTimeout(this.#timer);
    if (this.#sending) {
      event.preventDefault();
      void this.#sending.then(() => this.#form.requestSubmit(event.submitter));
    } else this.#isStopped = true;
  }

  #touched(): void {
    this.#changes += 1;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#save(), WAIT_MS);
  }

  #save(): void {
    if (this.#sending || this.#isStopped) return;
    this.#sending = this.#send().finally(() => (this.#sending = undefined));
  }

  async #send(): Promise<void> {
    const sent = this.#changes;
    try {
      const body = new URLSearchParams([...new FormData(this.#form)].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(this.#form.action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS), headers: { "X-Autosave": "1", Accept: "application/json" } });
      if (answer.status === 412) return this.#stop(this.dataset.stale);
      if (answer.status === 401 || answer.status === 403) return this.#stop(this.dataset.refused);
      if (!answer.ok) throw new Error(String(answer.status));
      this.#done((await answer.json()) as Saved, sent);
    } catch {
      this.#later();
    }
  }

  #done(saved: Saved, sent: number): void {
    this.#tries = 0;
    if (saved.kept) this.#version.value = String(saved.version);
    this.#say(saved.words, saved.kept ? "saved" : "waiting");
    const missing = this.querySelector<HTMLElement>("[data-missing]");
    if (missing && saved.kept) missing.textContent = saved.missing;
    if (this.dataset.address && saved.kept) history.replaceState(null, "", this.dataset.address);
    if (this.#changes === sent) this.#changes = 0;
    else this.#touched();
  }

  #later(): void {
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)]!;
    this.#tries += 1;
    this.#say(this.dataset.offline ?? "", "waiting");
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#save(), wait);
  }

  /** Somebody else was faster, or the session has ended: sending the form shows what can be done. */
  #stop(words: string | undefined): void {
    this.#isStopped = true;
    this.#say(words ?? "", "waiting");
  }

  #say(words: string, state: "saved" | "waiting"): void {
    const status = this.querySelector<HTMLElement>("[data-saved]");
    if (!status) return;
    status.dataset.state = state;
    status.textContent = words;
  }
}

function isChanged(field: Element): boolean {
  if (field instanceof HTMLSelectElement) {
    const offered = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(offered, 0);
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}
