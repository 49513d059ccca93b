import { LngLatBounds, type Map as MapLibreMap, Marker } from "maplibre-gl";
import { followTheme, mapTools, openMap, REGION, STILL } from "./base-map";
import { Clusters } from "./clusters";
import { focusFilters, groundStyle } from "./ground";
import { nameQuartiers } from "./labels";
import { Overlays } from "./overlays";
import type { Pinned, Scene, ServiceMap } from "./service-map";
import { Walks } from "./walk";

/** The moving map. Pins are buttons in the order of the list, so that Tab walks them as the list is read. */
export class LiveMap {
  #map: MapLibreMap;
  #pins = new Map<number, Marker>();
  #here: Marker | undefined;
  #clusters: Clusters;
  #walks: Walks;
  #scene: Scene | undefined;
  #shown = "";
  #isDrawn = false;

  constructor(
    box: HTMLElement,
    private stage: ServiceMap,
    private onLight: (number: number, lit: boolean) => void,
  ) {
    this.#map = openMap(box, this.#style(), { padding: 24, label: stage.dataset.label ?? "", scrollZoom: true });
    this.#clusters = new Clusters(this.#map, stage);
    new Overlays(this.#map, stage);
    this.#walks = new Walks(this.#map, stage, () => this.#scene?.origin ?? null);
    this.#addTools();
    this.#map.on("style.load", () => {
      this.#focus();
      this.#gather();
      void nameQuartiers(this.#map, stage.dataset.lang ?? "fr");
    });
    this.#map.once("load", () => this.#uncover());
    followTheme(this.#map, () => this.#map.setStyle(this.#style(), { diff: false }));
  }

  /** Bring the map in step with the list. */
  show(scene: Scene): void {
    this.#map.resize();
    if (this.#isDrawn) this.#uncover();
    const key = JSON.stringify([scene.origin, scene.zone, scene.pins.map((pin) => [pin.lon, pin.lat])]);
    const isNew = key !== this.#shown;
    this.#scene = scene;
    this.#shown = key;
    this.#setPins(scene.pins);
    this.#setHere(scene.origin);
    this.#focus();
    this.#gather();
    if (isNew) {
      this.#walks.lead(null);
      this.#frame();
      const lit = scene.pins.find((pin) => pin.card.classList.contains("lit"));
      if (lit) this.light(lit.number, true); // chosen before the map was there
    }
  }

  light(number: number, lit: boolean): void {
    this.#pins.get(number)?.getElement().classList.toggle("lit", lit);
    if (lit) this.#walks.lead(this.#scene?.pins.find((pin) => pin.number === number) ?? null);
  }

  /** Take the still map's place; said again after each answer, for that brings the server's attributes back. */
  #uncover(): void {
    this.#isDrawn = true;
    this.stage.dataset.state = "live";
  }

  /** Before anything is asked, all services of the region are shown, in clusters. */
  #gather(): void {
    this.#clusters.show(this.#scene?.isStart === true && !this.#scene.pins.length);
  }

  #style() {
    return groundStyle(this.stage.dataset.background, this.stage.dataset.lang ?? "fr");
  }

  #focus(): void {
    if (!this.#map.isStyleLoaded() && !this.#map.getLayer("limits")) return;
    for (const [layer, filter] of focusFilters(this.#scene?.zone ?? null)) this.#map.setFilter(layer, filter);
  }

  #setPins(pins: Pinned[]): void {
    for (const marker of this.#pins.values()) marker.remove();
    this.#pins.clear();
    for (const pin of pins) {
      const marker = new Marker({ element: this.#pin(pin), anchor: "bottom" }).setLngLat([pin.lon, pin.lat]).addTo(this.#map);
      this.#pins.set(pin.number, marker);
    }
  }

  #pin(pin: Pinned): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `pin ${pin.group}`;
    button.dataset.number = String(pin.number);
    button.setAttribute("aria-label", `${pin.number}. ${pin.title}`);
    button.append(Object.assign(document.createElement("span"), { textContent: String(pin.number) }));
    for (const [type, lit] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]] as const) {
      button.addEventListener(type, () => this.onLight(pin.number, lit));
    }
    button.addEventListener("click", () => this.#goTo(pin));
    return button;
  }

  #goTo(pin: Pinned): void {
    const behavior = STILL.matches ? "instant" : "smooth";
    pin.card.closest("li")?.scrollIntoView({ block: "nearest", inline: "start", behavior });
    pin.card.querySelector<HTMLAnchorElement>("h3 a")?.focus({ preventScroll: true });
  }

  #setHere(origin: [number, number] | null): void {
    this.#here?.remove();
    this.#here = undefined;
    if (!origin) return;
    const element = document.createElement("div");
    element.className = "you";
    element.role = "img";
    element.setAttribute("aria-label", this.stage.dataset.here ?? "");
    this.#here = new Marker({ element }).setLngLat(origin).addTo(this.#map);
  }

  /** All pins and the reader in view; without any, the region. */
  #frame(): void {
    const points = [...(this.#scene?.pins ?? []).map((pin): [number, number] => [pin.lon, pin.lat])];
    if (this.#scene?.origin) points.push(this.#scene.origin);
    const bounds = new LngLatBounds();
    for (const point of points) bounds.extend(point);
    this.#map.fitBounds(points.length ? bounds : new LngLatBounds(...REGION), { padding: { top: 70, bottom: 50, left: 50, right: 80 }, maxZoom: 16, animate: false });
  }

  #addTools(): void {
    const tools = mapTools(this.#map, this.stage.dataset, () => this.#frame());
    const reach = this.stage.querySelector<HTMLButtonElement>("[data-reach-open]");
    if (reach && this.#walks.canReach) {
      reach.hidden = false;
      reach.addEventListener("click", () => void this.#walks.showReach());
      tools.append(reach);
    }
    this.stage.querySelector(".live")!.append(tools);
  }
}
