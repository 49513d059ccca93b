type Text = Partial<Record<"fr" | "nl" | "en", string | null>>;

export interface PlaceHit {
  id: string;
  kind: string;
  name: Text | string;
  detail?: Text | string | null;
  lon?: number | null;
  lat?: number | null;
}

const WAIT_MS = 150;

/** A box for a place that suggests while somebody types. What a choice leads to is the heir's matter. */
export abstract class PlaceSearch extends HTMLElement {
  #hits: PlaceHit[] = [];
  #active = -1;
  #timer = 0;
  #asked: AbortController | undefined;

  /** Somebody typed: what was chosen before no longer counts. */
  protected abstract typed(): void;
  protected abstract chosen(hit: PlaceHit): void;

  protected get input(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>("input[type=search]")!;
  }
  protected get status(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[role=status]") ?? document.getElementById("place-status");
  }
  get #list(): HTMLUListElement {
    return this.querySelector<HTMLUListElement>(".suggestions") ?? this.#makeList();
  }

  connectedCallback(): void {
    this.addEventListener("input", (event) => {
      if (event.target === this.input) this.#typed();
    });
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) this.close();
    });
    this.addEventListener("pointerdown", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (!option) return;
      event.preventDefault();
      this.#choose(Number(option.dataset.index));
    });
  }

  /** Bring back what a new answer from the server took away. */
  refresh(): void {
    const list = this.#list;
    const set = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries(set)) this.input.setAttribute(name, value);
    this.close();
  }

  protected close(): void {
    clearTimeout(this.#timer);
    this.#open(false);
  }

  protected say(text: Text | string | null | undefined): string {
    if (!text || typeof text === "string") return text ?? "";
    const lang = this.dataset.lang as keyof Text;
    return text[lang] ?? text.fr ?? text.nl ?? text.en ?? "";
  }

  #makeList(): HTMLUListElement {
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `${this.input.id}-suggestions`;
    list.role = "listbox";
    list.setAttribute("aria-label", this.querySelector("label")?.textContent ?? "");
    list.hidden = true;
    this.append(list);
    return list;
  }

  #typed(): void {
    this.typed();
    clearTimeout(this.#timer);
    const words = this.input.value.trim();
    if (words.length < 2) return this.close();
    this.#timer = window.setTimeout(() => void this.#ask(words), WAIT_MS);
  }

  async #ask(words: string): Promise<void> {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const query = new URLSearchParams({ q: words, limit: this.dataset.kind ? "20" : "7", lang: this.dataset.lang ?? "fr" });
    try {
      const answer = await fetch(`/api/v1/search/places?${query}`, { signal: this.#asked.signal });
      if (!answer.ok) return;
      const hits = ((await answer.json()) as { items: PlaceHit[] }).items;
      this.#hits = hits.filter((hit) => !this.dataset.kind || hit.kind === this.dataset.kind).slice(0, 7);
      this.#show();
    } catch {
      this.close();
    }
  }

  #show(): void {
    this.#active = -1;
    if (this.status) this.status.textContent = this.#hits.length ? "" : (this.dataset.none ?? "");
    this.#list.replaceChildren(...this.#hits.map((hit, index) => this.#option(hit, index)));
    this.#open(this.#hits.length > 0);
  }

  #option(hit: PlaceHit, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.role = "option";
    option.id = `${this.input.id}-option-${index}`;
    option.dataset.index = String(index);
    option.setAttribute("aria-selected", "false");
    const words = document.createElement("span");
    words.textContent = this.say(hit.name);
    const detail = this.say(hit.detail);
    if (detail) words.append(Object.assign(document.createElement("small"), { textContent: detail }));
    option.append(words);
    return option;
  }

  #pressed(event: KeyboardEvent): void {
    if (event.target !== this.input || this.#list.hidden) return;
    const last = this.#hits.length - 1;
    if (event.key === "ArrowDown") this.#mark(this.#active >= last ? 0 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#mark(this.#active <= 0 ? last : this.#active - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#choose(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  #mark(index: number): void {
    this.#active = index;
    this.#list.querySelectorAll("[role=option]").forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", `${this.input.id}-option-${index}`);
  }

  #choose(index: number): void {
    const hit = this.#hits[index];
    if (!hit) return;
    this.close();
    this.chosen(hit);
  }

  #open(open: boolean): void {
    this.#list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }
}

/** A place in a form: it fills its own box and says what was chosen; `data-kind` keeps to streets, for example. */
export class PlacePicker extends PlaceSearch {
  override connectedCallback(): void {
    super.connectedCallback();
    this.refresh();
  }

  protected typed(): void {
    this.#say(null);
  }

  protected chosen(hit: PlaceHit): void {
    const name = this.say(hit.name);
    // A street alone was found: the house number that was typed stays.
    const number = hit.kind === "street" && !this.dataset.kind ? /\s(\d{1,4} ?[a-z]?)$/i.exec(this.input.value.trim())?.[1] : "";
    this.input.value = [[name, number].filter(Boolean).join(" "), this.say(hit.detail)].filter(Boolean).join(", ");
    this.#say(hit);
  }

  #say(hit: PlaceHit | null): void {
    this.dispatchEvent(new CustomEvent<PlaceHit | null>("place", { bubbles: true, detail: hit }));
  }
}
