import type { Atom, ScenarioMap } from "./scenario-map";

const RETRY_MS = 5_000;

/** Puts atoms into zones on a map, and keeps the table beside it in step. Every move is saved at once. */
export class ScenarioEditor extends HTMLElement {
  #atoms = new Map<string, Atom>();
  #first = new Map<string, number>();
  #past: Map<string, number>[] = [];
  #waiting = new Map<string, number>();
  #weaves: string[] = [];
  #version = 0;
  #sending: Promise<void> | undefined;
  #isStuck = false;
  #map: ScenarioMap | undefined;

  connectedCallback(): void {
    const facts = JSON.parse(this.querySelector("[data-facts]")!.textContent!) as { version: number; atoms: Atom[]; weaves: string[] };
    this.#weaves = facts.weaves;
    this.#version = facts.version;
    this.#atoms = new Map(facts.atoms.map((atom) => [atom.code, atom]));
    this.#first = new Map(facts.atoms.map(({ code, zone }) => [code, zone]));
    for (const part of this.querySelectorAll<HTMLElement>("[data-with-script]")) part.hidden = false;
    this.#undoButton.addEventListener("click", () => this.#undo());
    document.addEventListener("submit", (event) => this.#submitted(event));
    addEventListener("online", () => this.#save());
    addEventListener("beforeunload", (event) => {
      if (this.#waiting.size) event.preventDefault();
    });
    for (const tool of this.querySelectorAll<HTMLElement>("[data-zoom]")) tool.addEventListener("click", () => this.#map?.zoom(Number(tool.dataset.zoom)));
    void this.#load();
  }

  get #undoButton(): HTMLButtonElement {
    return this.querySelector<HTMLButtonElement>("[data-undo]")!;
  }
  get #brush(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("input[name=brush]:checked");
  }

  /** Where a place lies on the map, in pixels from its corner. */
  placeOf(lon: number, lat: number): [number, number] | undefined {
    return this.#map?.placeOf(lon, lat);
  }

  async #load(): Promise<void> {
    const { ScenarioMap } = await import("./scenario-map");
    this.#map = new ScenarioMap(this.querySelector<HTMLElement>("[data-map]")!, {
      lang: this.dataset.lang ?? "fr",
      background: this.dataset.background || undefined,
      shapes: this.dataset.shapes!,
      label: this.dataset.label ?? "",
      atoms: this.#atoms,
      weaves: this.#weaves,
      picked: (code) => this.#picked(code),
      caught: (codes) => this.#assign(codes, Number(this.#brush?.value ?? 0)),
      chosen: (zone) => this.#choose(zone),
      undone: () => this.#undo(),
      under: (code) => this.#say(this.#tell(code)),
    });
    await this.#map.load();
    this.dataset.state = "live";
  }

  /** What is in the zone already goes back where it came from. */
  #picked(code: string): void {
    const zone = Number(this.#brush?.value ?? 0);
    this.#assign([code], this.#atoms.get(code)?.zone === zone ? (this.#first.get(code) ?? zone) : zone);
  }

  #choose(zone: number): void {
    const brush = this.querySelector<HTMLInputElement>(`input[name=brush][value="${zone}"]`);
    if (!brush) return;
    brush.checked = true;
    this.#say(brush.dataset.name ?? "");
  }

  #assign(codes: string[], zone: number): void {
    const moved = codes.filter((code) => this.#atoms.has(code) && this.#atoms.get(code)!.zone !== zone);
    if (!moved.length || this.#isStuck) return;
    this.#past.push(new Map(moved.map((code) => [code, this.#atoms.get(code)!.zone])));
    this.#put(new Map(moved.map((code) => [code, zone])));
    const what = moved.length === 1 ? this.#atoms.get(moved[0]!)!.name : String(moved.length);
    this.#say(`${what} ${this.dataset.moved} ${this.#nameOf(zone)}`);
  }

  #undo(): void {
    const last = this.#past.pop();
    if (!last || this.#isStuck) return;
    this.#put(last);
    const what = last.size === 1 ? this.#atoms.get([...last.keys()][0]!)!.name : String(last.size);
    this.#say(`${what}: ${this.dataset.undone}`);
  }

  #put(moves: Map<string, number>): void {
    for (const [code, zone] of moves) {
      this.#atoms.get(code)!.zone = zone;
      this.#waiting.set(code, zone);
      this.#showInTable(code, zone);
    }
    this.#map?.show(moves.keys());
    this.#count();
    this.#undoButton.disabled = !this.#past.length;
    this.#save();
  }

  #save(): void {
    if (this.#sending || this.#isStuck || !this.#waiting.size) return;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
    }).then((again) => {
      if (again) this.#save();
    });
  }

  /** Send what waits; returns whether there is more to send at once. */
  async #send(): Promise<boolean> {
    const moves = new Map(this.#waiting);
    this.#status("saving");
    const answer = await this.#patch(moves);
    if (!answer || answer.status >= 500) {
      this.#status("failed");
      setTimeout(() => this.#save(), RETRY_MS);
      return false;
    }
    if (!answer.ok) {
      this.#isStuck = true;
      this.#waiting.clear();
      this.#status(answer.status === 412 ? "stale" : "refused");
      return false;
    }
    this.#version = ((await answer.json()) as { version: number }).version;
    for (const field of document.querySelectorAll<HTMLInputElement>("[data-version]")) field.value = String(this.#version);
    for (const [code, zone] of moves) if (this.#waiting.get(code) === zone) this.#waiting.delete(code);
    if (!this.#waiting.size) this.#status("saved");
    return this.#waiting.size > 0;
  }

  async #patch(moves: Map<string, number>): Promise<Response | null> {
    const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    const body = JSON.stringify(Object.fromEntries([...moves].map(([code, zone]) => [code, zone || null])));
    const headers = { "Content-Type": "application/json", "If-Match": `"${this.#version}"`, ...(csrf && { "X-CSRF": csrf }) };
    return fetch(this.dataset.address!, { method: "PATCH", headers, body }).catch(() => null);
  }

  /** The table moves without leaving the page; other forms wait for what is being saved. */
  #submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.matches(".atom-table")) {
      event.preventDefault();
      const ticks = [...form.querySelectorAll<HTMLInputElement>("input[name=atom]:checked")];
      const to = form.querySelector<HTMLSelectElement>("select[name=to]")!.value;
      this.#assign(ticks.map((tick) => tick.value), to === "none" ? 0 : Number(to));
      for (const tick of ticks) tick.checked = false;
    } else if (this.#sending) {
      event.preventDefault();
      const button = event.submitter;
      void this.#sending.then(() => form.requestSubmit(button));
    }
  }

  #showInTable(code: string, zone: number): void {
    const cell = document.querySelector<HTMLElement>(`[data-atom="${CSS.escape(code)}"]`);
    if (!cell) return;
    cell.querySelector(".zone-mark")?.remove();
    const mark = this.querySelector(`[data-zone="${zone}"] .zone-mark`);
    if (zone && mark) cell.prepend(mark.cloneNode(true));
    cell.querySelector("span:not(.zone-mark)")!.textContent = this.#nameOf(zone);
  }

  #count(): void {
    const format = new Intl.NumberFormat(this.dataset.lang === "en" ? "en-GB" : "fr-BE");
    const totals = new Map<number, [number, number]>();
    for (const { zone, people } of this.#atoms.values()) {
      const [atoms, sum] = totals.get(zone) ?? [0, 0];
      totals.set(zone, [atoms + 1, sum + people]);
    }
    for (const line of this.querySelectorAll<HTMLElement>("[data-zone]")) {
      const [atoms, people] = totals.get(Number(line.dataset.zone)) ?? [0, 0];
      line.querySelector("[data-atoms]")!.textContent = String(atoms);
      line.querySelector("[data-people]")!.textContent = format.format(people);
    }
  }

  #tell(code: string): string {
    const atom = this.#atoms.get(code);
    return atom ? `${atom.name}: ${this.#nameOf(atom.zone)}` : "";
  }

  #nameOf(zone: number): string {
    return this.querySelector<HTMLInputElement>(`input[name=brush][value="${zone}"]`)?.dataset.name ?? "";
  }

  #say(words: string): void {
    this.querySelector("[data-words]")!.textContent = words;
  }

  #status(state: "saving" | "saved" | "failed" | "stale" | "refused"): void {
    const line = this.querySelector<HTMLElement>("[data-status]")!;
    line.dataset.state = state === "saved" ? "saved" : state === "saving" ? "" : "waiting";
    line.textContent = this.dataset[state] ?? "";
  }
}
