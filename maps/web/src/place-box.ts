type Text = Partial<Record<"fr" | "nl" | "en", string | null>>;

interface PlaceHit {
  id: string;
  kind: string;
  name: Text | string;
  detail?: Text | string | null;
}

const WAIT_MS = 150;
/** About 100 m: enough to say what is near, too coarse to say who asks. */
const DECIMALS = 3;

/** The box for a place: suggestions while typing, and the position of the device on request. */
export class PlaceBox extends HTMLElement {
  #hits: PlaceHit[] = [];
  #active = -1;
  #timer = 0;
  #asked: AbortController | undefined;

  get #input(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>("input[type=search]")!;
  }
  get #form(): HTMLFormElement {
    return this.closest("form")!;
  }
  get #list(): HTMLUListElement {
    return this.querySelector<HTMLUListElement>(".suggestions") ?? this.#makeList();
  }

  connectedCallback(): void {
    this.addEventListener("input", () => this.#typed());
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) this.#close();
    });
    this.addEventListener("pointerdown", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (!option) return;
      event.preventDefault();
      this.#choose(Number(option.dataset.index));
    });
    this.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("[data-position]");
      if (button) this.#locate(button);
    });
  }

  /** Bring back what a new answer from the server took away. */
  refresh(): void {
    const input = this.#input;
    const list = this.#list;
    const set = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries(set)) input.setAttribute(name, value);
    const position = this.querySelector<HTMLButtonElement>("[data-position]");
    if (position) position.hidden = !("geolocation" in navigator);
    this.#close();
  }

  #makeList(): HTMLUListElement {
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = "place-suggestions";
    list.role = "listbox";
    list.setAttribute("aria-label", this.querySelector("label")?.textContent ?? "");
    list.hidden = true;
    this.append(list);
    return list;
  }

  #typed(): void {
    this.#form.querySelector("input[name=at]")?.remove();
    this.#forgetPosition();
    clearTimeout(this.#timer);
    const words = this.#input.value.trim();
    if (words.length < 2) return this.#close();
    this.#timer = window.setTimeout(() => void this.#ask(words), WAIT_MS);
  }

  async #ask(words: string): Promise<void> {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const query = new URLSearchParams({ q: words, limit: "7", lang: this.dataset.lang ?? "fr" });
    try {
      const answer = await fetch(`/api/v1/search/places?${query}`, { signal: this.#asked.signal });
      if (!answer.ok) return;
      this.#hits = ((await answer.json()) as { items: PlaceHit[] }).items;
      this.#show();
    } catch {
      this.#close();
    }
  }

  #show(): void {
    this.#active = -1;
    const status = document.getElementById("place-status");
    if (status) status.textContent = this.#hits.length ? "" : (this.dataset.none ?? "");
    this.#list.replaceChildren(...this.#hits.map((hit, index) => this.#option(hit, index)));
    this.#open(this.#hits.length > 0);
  }

  #option(hit: PlaceHit, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.role = "option";
    option.id = `place-option-${index}`;
    option.dataset.index = String(index);
    option.setAttribute("aria-selected", "false");
    const words = document.createElement("span");
    words.textContent = this.#say(hit.name);
    const detail = this.#say(hit.detail);
    if (detail) words.append(Object.assign(document.createElement("small"), { textContent: detail }));
    option.append(words);
    return option;
  }

  #say(text: Text | string | null | undefined): string {
    if (!text || typeof text === "string") return text ?? "";
    const lang = this.dataset.lang as keyof Text;
    return text[lang] ?? text.fr ?? text.nl ?? text.en ?? "";
  }

  #pressed(event: KeyboardEvent): void {
    if (event.target !== this.#input || this.#list.hidden) return;
    const last = this.#hits.length - 1;
    if (event.key === "ArrowDown") this.#mark(this.#active >= last ? 0 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#mark(this.#active <= 0 ? last : this.#active - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#choose(this.#active);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
  }

  #mark(index: number): void {
    this.#active = index;
    this.#list.querySelectorAll("[role=option]").forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    });
    this.#input.setAttribute("aria-activedescendant", `place-option-${index}`);
  }

  #choose(index: number): void {
    const hit = this.#hits[index];
    if (!hit) return;
    this.#input.value = this.#say(hit.name);
    this.#keep("at", hit.id);
    this.#close();
    this.#form.requestSubmit();
  }

  #keep(name: string, value: string): void {
    const form = this.#form;
    const field = form.querySelector<HTMLInputElement>(`input[name=${name}]`) ?? document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.prepend(field);
  }

  /** Typing a place after using the position: the form asks in the page's address again. */
  #forgetPosition(): void {
    for (const name of ["lon", "lat"]) this.#form.querySelector(`input[name=${name}]`)?.remove();
    this.#askBy("get", `/${this.dataset.lang}/`);
  }

  #askBy(method: "get" | "post", action: string): void {
    this.#form.method = method;
    this.#form.setAttribute("action", action);
    this.#form.setAttribute("data-hx-push-url", String(method === "get"));
  }

  #locate(button: HTMLButtonElement): void {
    button.setAttribute("aria-busy", "true");
    const done = (): void => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        done();
        this.#input.value = "";
        this.#form.querySelector("input[name=at]")?.remove();
        this.#keep("lon", coords.longitude.toFixed(DECIMALS));
        this.#keep("lat", coords.latitude.toFixed(DECIMALS));
        this.#askBy("post", `/${this.dataset.lang}/near`);
        this.#form.requestSubmit();
      },
      () => {
        done();
        const status = document.getElementById("place-status");
        if (status) status.textContent = button.dataset.denied ?? "";
      },
      { maximumAge: 60_000, timeout: 10_000 },
    );
  }

  #open(open: boolean): void {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
    if (!open) this.#input.removeAttribute("aria-activedescendant");
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#open(false);
  }
}
