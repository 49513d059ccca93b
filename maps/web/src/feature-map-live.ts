import { type LayerSpecification, type LineLayerSpecification, LngLatBounds, type LngLatBoundsLike, type Map as MapLibreMap, type MapGeoJSONFeature, type MapMouseEvent, Popup, type SourceSpecification } from "maplibre-gl";
import { followTheme, mapTools, openMap, REGION } from "./base-map";
import type { FeatureMap } from "./feature-map";
import { groundStyle } from "./ground";
import { nameQuartiers } from "./labels";

const REACH_PX = 5;

/** Features as they lie on our ground; a click tells what each is called and leads to its page. */
export class FeatureMapLive {
  #map: MapLibreMap;
  #layers: LayerSpecification[];
  #bounds: LngLatBoundsLike = REGION;
  #features: GeoJSON.FeatureCollection | undefined;

  constructor(box: HTMLElement, private page: FeatureMap) {
    this.#layers = JSON.parse(page.dataset.layers ?? "[]") as LayerSpecification[];
    const given = page.dataset.box?.split(",").map(Number);
    if (given?.length === 4) this.#bounds = given as [number, number, number, number];
    this.#map = openMap(box, this.#ground(), { padding: 20, label: page.dataset.label ?? "" });
    box.append(mapTools(this.#map, page.dataset, () => this.#frame()));
    this.#map.on("style.load", () => this.#draw());
    this.#map.on("click", (event) => this.#tell(event));
    this.#map.on("mousemove", ({ point }) => (this.#map.getCanvas().style.cursor = this.#hit(point).length ? "pointer" : ""));
    this.#map.once("idle", () => (page.dataset.state = "live"));
    followTheme(this.#map, () => this.#map.setStyle(this.#ground(), { diff: false }));
    this.#frame();
    void this.#fetch();
  }

  remove(): void {
    this.#map.remove();
  }

  #ground() {
    return groundStyle(this.page.dataset.background, this.page.dataset.lang ?? "fr");
  }

  /** The same features as in the table: this page, asked for as GeoJSON. */
  async #fetch(): Promise<void> {
    if (!this.page.dataset.features) return;
    const answer = await fetch(this.page.dataset.features);
    if (!answer.ok) return;
    const told = (await answer.json()) as GeoJSON.FeatureCollection | GeoJSON.Feature;
    this.#features = told.type === "Feature" ? { type: "FeatureCollection", features: [told] } : told;
    const bounds = boundsOf(this.#features);
    if (bounds) this.#bounds = bounds;
    this.#frame();
    if (this.#map.getLayer("limits")) this.#draw(); // else the style says itself when it is there
  }

  #draw(): void {
    void nameQuartiers(this.#map, this.page.dataset.lang ?? "fr");
    const source = this.#source();
    if (!source || this.#map.getSource("features")) return;
    this.#map.addSource("features", source);
    for (const layer of this.#layers) this.#map.addLayer(onGround(layer, source.type === "vector"));
  }

  #source(): SourceSpecification | undefined {
    const { tiles } = this.page.dataset;
    if (tiles) return { type: "vector", tiles: [`${location.origin}${tiles}/{z}/{y}/{x}`], maxzoom: 16 };
    return this.#features && { type: "geojson", data: this.#features };
  }

  #frame(): void {
    this.#map.fitBounds(this.#bounds, { padding: 30, maxZoom: 16, animate: false });
  }

  #hit({ x, y }: { x: number; y: number }): MapGeoJSONFeature[] {
    const layers = this.#layers.map(({ id }) => id).filter((id) => this.#map.getLayer(id));
    return layers.length ? this.#map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers }) : [];
  }

  #tell(event: MapMouseEvent): void {
    const found = new Map(this.#hit(event.point).map(({ id, properties }) => [String(id ?? properties["id"] ?? properties["code"]), properties]));
    if (!found.size) return;
    const list = Object.assign(document.createElement("ul"), { className: "hits" });
    list.append(...[...found].slice(0, 8).map(([id, properties]) => this.#line(id, properties)));
    new Popup({ maxWidth: "18rem" }).setLngLat(event.lngLat).setDOMContent(list).addTo(this.#map);
  }

  #line(id: string, properties: Record<string, unknown>): HTMLLIElement {
    const { name, items, lang = "fr", example } = this.page.dataset;
    const names = [lang, "fr", "nl", "en"].map((each) => properties[`${name}_${each}`]);
    const link = document.createElement("a");
    link.href = `${items}/${encodeURIComponent(id)}?lang=${lang}`;
    link.textContent = String(names.find(Boolean) ?? properties[name ?? ""] ?? id);
    const line = document.createElement("li");
    line.append(link);
    if (properties["example"]) line.append(Object.assign(document.createElement("span"), { className: "small", textContent: example }));
    return line;
  }
}

/** A layer of the server's style over our ground: of this page's source, edges plain to see, half as far from white in the dark. */
function onGround(declared: LayerSpecification, tiled: boolean): LayerSpecification {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const lighter = (part: string) => Math.round((parseInt(part, 16) + 255) / 2).toString(16);
  const words = JSON.stringify(declared).replace(/#[0-9a-f]{6}/g, (hex) => (isDark ? "#" + hex.slice(1).replace(/../g, lighter) : hex));
  const { "source-layer": tileLayer, ...layer } = JSON.parse(words) as LineLayerSpecification;
  if (layer.type === "line" && typeof layer.paint?.["line-width"] === "number") layer.paint["line-width"] = Math.max(2, layer.paint["line-width"]);
  return { ...layer, source: "features", ...(tiled && tileLayer !== undefined && { "source-layer": tileLayer }) };
}

function boundsOf({ features }: GeoJSON.FeatureCollection): LngLatBounds | undefined {
  const bounds = new LngLatBounds();
  for (const { geometry } of features) if (geometry) extend(bounds, "coordinates" in geometry ? geometry.coordinates : geometry.geometries.map((each) => ("coordinates" in each ? each.coordinates : [])));
  return bounds.isEmpty() ? undefined : bounds;
}

function extend(bounds: LngLatBounds, coordinates: unknown): void {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") bounds.extend(coordinates as [number, number]);
  else for (const each of coordinates) extend(bounds, each);
}
