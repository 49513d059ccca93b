import { PlaceSearch, type PlaceHit } from "./place-search";

/** About 100 m: enough to say what is near, too coarse to say who asks. */
const DECIMALS = 3;

/** The box for a place above a list: a choice asks for the list, and so does the device's position. */
export class PlaceBox extends PlaceSearch {
  get #form(): HTMLFormElement {
    return this.closest("form")!;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("[data-position]");
      if (button) this.#locate(button);
    });
  }

  override refresh(): void {
    super.refresh();
    const position = this.querySelector<HTMLButtonElement>("[data-position]");
    if (position) position.hidden = !("geolocation" in navigator);
  }

  protected typed(): void {
    this.#form.querySelector("input[name=at]")?.remove();
    this.#forgetPosition();
  }

  protected chosen(hit: PlaceHit): void {
    this.input.value = this.say(hit.name);
    this.#keep("at", hit.id);
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
    this.#askBy("get", this.dataset.action ?? `/${this.dataset.lang}/`);
  }

  #askBy(method: "get" | "post", action: string): void {
    if ("ownAction" in this.#form.dataset) return; // what is asked there never stands in an address
    this.#form.method = method;
    this.#form.querySelector("input[name=csrf]")?.remove();
    const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    if (csrf && method === "post") this.#keep("csrf", csrf); // who is signed in says so in each form, in no address
    this.#form.setAttribute("action", action);
    this.#form.setAttribute("data-hx-push-url", String(method === "get"));
  }

  #locate(button: HTMLButtonElement): void {
    button.setAttribute("aria-busy", "true");
    const done = (): void => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        done();
        this.input.value = "";
        this.#form.querySelector("input[name=at]")?.remove();
        this.#keep("lon", coords.longitude.toFixed(DECIMALS));
        this.#keep("lat", coords.latitude.toFixed(DECIMALS));
        this.#askBy("post", this.dataset.near ?? `/${this.dataset.lang}/near`);
        this.#form.requestSubmit();
      },
      () => {
        done();
        if (this.status) this.status.textContent = button.dataset.denied ?? "";
      },
      { maximumAge: 60_000, timeout: 10_000 },
    );
  }
}
