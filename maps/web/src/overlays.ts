import { type LayerSpecification, type Map as MapLibreMap, type MapLayerMouseEvent, Popup } from "maplibre-gl";
import type { ServiceMap } from "./service-map";

/** Other layers over the map, each switched by its box in the page; what they show stands in lists of their own. */
export class Overlays {
  #boxes: HTMLInputElement[];

  constructor(
    private map: MapLibreMap,
    private stage: ServiceMap,
  ) {
    const panel = stage.querySelector<HTMLElement>(".overlays");
    this.#boxes = [...(panel?.querySelectorAll<HTMLInputElement>("input") ?? [])];
    if (!panel || !this.#boxes.length) return;
    panel.hidden = false;
    for (const box of this.#boxes) {
      box.addEventListener("change", () => this.#draw(box));
      const swatch = box.nextElementSibling as HTMLElement;
      swatch.style.background = box.dataset.colour ?? "";
    }
    map.on("style.load", () => this.#boxes.forEach((box) => this.#draw(box)));
  }

  #draw(box: HTMLInputElement): void {
    if (!this.map.getLayer("limits")) return; // the style's own event asks again
    const id = box.value;
    if (!this.map.getSource(id)) {
      if (box.checked) this.#add(box);
      return;
    }
    for (const layer of parts(id, "")) {
      this.map.setLayoutProperty(layer.id, "visibility", box.checked ? "visible" : "none");
    }
  }

  #add(box: HTMLInputElement): void {
    const id = box.value;
    const colour = box.dataset.colour ?? "#55607a";
    const tiles = [`${location.origin}/ogc/collections/${id}/tiles/WebMercatorQuad/{z}/{y}/{x}`];
    this.map.addSource(id, { type: "vector", tiles, maxzoom: 16 });
    for (const layer of parts(id, colour)) {
      this.map.addLayer(layer);
      this.map.on("click", layer.id, (event) => this.#tell(box, event));
      this.map.on("mouseenter", layer.id, () => (this.map.getCanvas().style.cursor = "pointer"));
      this.map.on("mouseleave", layer.id, () => (this.map.getCanvas().style.cursor = ""));
    }
  }

  #tell(chosen: HTMLInputElement, event: MapLayerMouseEvent): void {
    if (!event.features?.length || event.defaultPrevented) return;
    event.preventDefault(); // one answer to a click, though a line and its surface both were hit
    const hit = new Map(event.features.map(({ properties }) => [String(properties.id), properties]));
    const box = document.createElement("ul");
    box.className = "hits";
    box.append(...[...hit.values()].map((properties) => this.#line(chosen, properties)));
    new Popup({ maxWidth: "18rem" }).setLngLat(event.lngLat).setDOMContent(box).addTo(this.map);
  }

  /** What the layer's declaration says: which property names a feature, and whether it has a page of its own. */
  #line(chosen: HTMLInputElement, properties: Record<string, unknown>): HTMLLIElement {
    const { label, page } = chosen.dataset;
    const names = [this.stage.dataset.lang ?? "fr", "fr", "nl", "en"].map((lang) => properties[`${label}_${lang}`]);
    const said = document.createElement(page ? "a" : "span");
    said.textContent = String(names.find(Boolean) ?? properties[label ?? ""] ?? "");
    if (page) said.setAttribute("href", page.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(properties[key] ?? ""))));
    const line = document.createElement("li");
    line.append(said);
    if (properties.example) line.append(Object.assign(document.createElement("span"), { className: "small", textContent: this.stage.dataset.example }));
    return line;
  }
}

function parts(id: string, colour: string): LayerSpecification[] {
  const common = { source: id, "source-layer": id };
  return [
    { id: `${id}-surface`, type: "fill", ...common, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.08 } },
    { id: `${id}-edge`, type: "line", ...common, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour, "line-width": 2, "line-dasharray": [3, 2] } },
    {
      id: `${id}-point`,
      type: "circle",
      ...common,
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": colour, "circle-radius": 8, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
    },
  ];
}
