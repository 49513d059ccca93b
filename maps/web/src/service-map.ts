import type { LiveMap } from "./live-map";

const WIDE = matchMedia("(min-width: 861px)");

export interface Pinned {
  number: number;
  group: string;
  service: string;
  lon: number;
  lat: number;
  card: HTMLElement;
  title: string;
}

export interface Scene {
  /** Nothing was asked yet. */
  isStart: boolean;
  pins: Pinned[];
  origin: [number, number] | null;
  zone: { kind: string; code: string } | null;
}

/** The map beside the list. It reads the cards, so that list and map cannot differ. */
export class ServiceMap extends HTMLElement {
  #live: LiveMap | undefined;
  #loading = false;

  connectedCallback(): void {
    const list = document.getElementById("finder");
    for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]] as const) {
      list?.addEventListener(type, (event) => this.#hovered(event, on));
    }
    this.addEventListener("click", (event) => {
      const step = (event.target as Element).closest<HTMLElement>("[data-step]");
      if (step) this.#step(Number(step.dataset.step));
    });
    WIDE.addEventListener("change", () => this.refresh());
  }

  /** Show what the list shows now; load the map library the first time that a map is wanted. */
  refresh(): void {
    this.#steppable();
    if (this.#live) return this.#live.show(readScene());
    if (!this.#isWanted() || this.#loading || !canDraw()) return;
    this.#loading = true;
    void this.#load(); // at once: the list came with the page and needs no script
  }

  #isWanted(): boolean {
    return WIDE.matches || document.documentElement.dataset.view === "map";
  }

  async #load(): Promise<void> {
    const { LiveMap } = await import("./live-map");
    const box = this.querySelector<HTMLElement>(".live")!;
    box.hidden = false;
    this.#live = new LiveMap(box, this, (number, lit) => this.#light(number, lit));
    this.#live.show(readScene());
  }

  #hovered(event: Event, on: boolean): void {
    const card = (event.target as Element).closest<HTMLElement>(".card[data-number]");
    if (card) this.#light(Number(card.dataset.number), on);
  }

  #light(number: number, on: boolean): void {
    document.getElementById(`card-${number}`)?.classList.toggle("lit", on);
    this.#live?.light(number, on);
  }

  #step(by: number): void {
    const list = document.querySelector<HTMLElement>(".cards");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    list?.scrollBy({ left: by * list.clientWidth, behavior: still ? "instant" : "smooth" });
  }

  /** On a phone one card stands below the map: the one in sight lights its pin. */
  #steppable(): void {
    const isMap = document.documentElement.dataset.view === "map" && !WIDE.matches;
    const steps = this.querySelector<HTMLElement>(".step");
    if (steps) steps.hidden = !isMap;
    const list = document.querySelector<HTMLElement>(".cards");
    if (!isMap || !list || list.dataset.watched) return;
    list.dataset.watched = "true";
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const card = entry.target.querySelector<HTMLElement>(".card");
          if (card && document.documentElement.dataset.view === "map") this.#light(Number(card.dataset.number), entry.isIntersecting);
        }
      },
      { root: list, threshold: 0.6 },
    );
    for (const item of list.children) watch.observe(item);
  }
}

function readScene(): Scene {
  const results = document.getElementById("results")?.dataset ?? {};
  const cards = [...document.querySelectorAll<HTMLElement>("#results .card[data-lon]")].filter((card) => card.offsetParent);
  return {
    isStart: document.querySelector("#finder.is-start") !== null,
    pins: cards.map((card) => ({
      number: Number(card.dataset.number),
      group: card.dataset.group ?? "",
      service: card.dataset.service ?? "",
      lon: Number(card.dataset.lon),
      lat: Number(card.dataset.lat),
      card,
      title: card.querySelector("h3")?.textContent?.trim() ?? "",
    })),
    origin: results.lon ? [Number(results.lon), Number(results.lat)] : null,
    zone: results.zoneKind ? { kind: results.zoneKind, code: results.zoneCode ?? "" } : null,
  };
}

function canDraw(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
